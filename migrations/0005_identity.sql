-- Who a visitor is: codes that name a session to people, registrations, and what privacy takes away again.

-- A short code that a buyer tells on the phone, so that the order finds its session.
create table session_code (
    code text not null primary key,
    visitor_id bigint not null,
    session_id bigint not null,
    created_at bigint not null
);
create unique index session_code_session on session_code (visitor_id, session_id);

-- When the visitor first registered with the shop, in this session and at all.
alter table session add column registered_at bigint;
alter table visitor add column registered_at bigint;

-- What of a session still identifies: 2 all that was stored, 1 all but the end of its address, 0 nothing.
alter table session add column identifies smallint not null default 2;
create index session_identifies on session (identifies, started_at, id);

-- What was done to stored data by hand. Never holds what was taken away.
create table audit (
    id bigint not null primary key,
    at bigint not null,
    who text not null,
    what text not null,
    detail text not null
);
