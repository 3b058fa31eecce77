-- take_over: become the one writer of a shard
-- Bumping the epoch is what fences the former owner: its next `advance` names an epoch that is no more.
-- Who was the owner before names its own epoch, $4, and gets no row when another has taken over meanwhile.
insert into head as h (shard, epoch, seq, chain, owner)
values ($1, 1, 0, $3, $2)
on conflict (shard) do update set epoch = h.epoch + 1, owner = excluded.owner
where $4::bigint is null or h.epoch = $4
returning epoch, seq, chain;

-- head: where a shard's log ends
select epoch, seq, chain from head where shard = $1;

-- advance: move the head on, if the epoch and the number are still those that the writer knows
update head set seq = $4, chain = $5
where shard = $1 and epoch = $2 and seq = $3
returning shard;

-- read: facts of a shard in order
select shard, seq, stream, kind, version, at, body, actor, cause, trace, chain
from facts where shard = $1 and seq > $2 order by seq limit $3;

-- cursors: where a shard stands in each of its sources
select source, seq, chain, topic_offset from cursors where shard = $1;

-- move_cursor: store where a shard stands in one source
insert into cursors (shard, source, seq, chain, topic_offset) values ($1, $2, $3, $4, $5)
on conflict (shard, source) do update
set seq = excluded.seq, chain = excluded.chain, topic_offset = excluded.topic_offset;

-- snapshot: the newest state of a shard as bytes
select seq, format, data from snapshots where shard = $1;

-- save_snapshot: keep one snapshot per shard, written by its owner only
insert into snapshots as s (shard, seq, format, data, at)
select $1, $3, $4, $5, $6 from head where shard = $1 and epoch = $2
on conflict (shard) do update
set seq = excluded.seq, format = excluded.format, data = excluded.data, at = excluded.at
where s.seq <= excluded.seq or s.format <> excluded.format;

-- chains: the chain at some numbers of a shard
select seq, chain from facts where shard = $1 and seq = any($2::bigint[]);

-- letters: the dead letters of a shard whose streams wait, in the order of arrival
select source, shard, seq, stream, kind, version, at, body, actor, cause, trace, chain, code, detail, state, topic_offset
from dead_letters where shard = $1 and state in ('dead', 'waiting')
order by source, seq;

-- letter_dies: put an input aside
insert into dead_letters
    (shard, source, seq, stream, kind, version, at, body, actor, cause, trace, chain, code, detail, state, topic_offset)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
on conflict (shard, source, seq, topic_offset) do update
set code = excluded.code, detail = excluded.detail, state = excluded.state;

-- letter_revives: an input that was put aside has been decided after all
update dead_letters set state = 'revived' where shard = $1 and source = $2 and seq = $3 and state in ('dead', 'waiting');

-- last_day_at: the newest instant of which a day's beginning tells; the stream of days is called clock
select max(at) from facts where stream = 'clock' and kind = 'day.began';
