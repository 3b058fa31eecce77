-- last_day_at: the newest instant at which a day began; the stream of days is called clock
SELECT max(at) FROM facts WHERE stream = 'clock' AND kind = 'day.began'
