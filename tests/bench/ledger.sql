-- copy_table: worker-month rows and nothing else
drop table if exists bench_iuran;
create table bench_iuran (
    worker_month uuid primary key, month text not null, bill bigint not null, idr integer not null
);

-- copy_count: the end state of the copy
select count(*) from bench_iuran;

-- peer_tables: accounts and a journal inside the database, and a function per transfer
drop table if exists peer_entries;
drop table if exists peer_accounts cascade;
create table peer_accounts (id integer primary key, balance bigint not null);
create table peer_entries (id bigint generated always as identity primary key, source integer not null,
                           target integer not null, idr bigint not null, at timestamptz not null default now());
insert into peer_accounts select n, 0 from generate_series(0, 999) as n;
create or replace function peer_transfer(source integer, target integer, sum bigint) returns bigint language plpgsql as $$
declare
    entry bigint;
begin
    perform from peer_accounts where id in (source, target) order by id for update;
    update peer_accounts set balance = balance - sum where id = source;
    update peer_accounts set balance = balance + sum where id = target;
    insert into peer_entries (source, target, idr) values (source, target, sum) returning id into entry;
    return entry;
end
$$;

-- peer_call: one transfer, one transaction
select peer_transfer($1, $2, $3);

-- peer_batch: many transfers, one transaction
with given as (
    select * from unnest($1::integer[], $2::integer[], $3::bigint[]) as g (source, target, idr)
), journal as (
    insert into peer_entries (source, target, idr) select source, target, idr from given
), moves as (
    select id, sum(idr) as idr from (
        select source as id, -idr as idr from given union all select target, idr from given
    ) as legs group by id
)
update peer_accounts as a set balance = a.balance + m.idr from moves as m where a.id = m.id;

-- peer_sum: what all balances add up to
select sum(balance) from peer_accounts;

-- peer_count: how many transfers were made
select count(*) from peer_entries;

-- confirmed: worker-months of a month that are confirmed
select count(*) from worker_months where month = $1 and state = 'confirmed';

-- balance: what all accounts add up to
select sum(idr) from balances;

-- journal: what all postings add up to
select sum(idr) from postings;
