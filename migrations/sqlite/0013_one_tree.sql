-- SQLite keeps a table and the index of its key apart, unless the key is an `integer` or the table is told to be `without
-- rowid`: half of what is written for a page view was such second copies. PostgreSQL has no use for this.

create table touch_again (
    id integer not null primary key,
    source text not null,
    medium text not null,
    channel text not null,
    campaign text not null,
    content text not null,
    term text,
    utm_source text,
    utm_medium text,
    utm_campaign text,
    utm_content text,
    utm_term text,
    raw_source text,
    raw_medium text,
    raw_campaign text,
    raw_content text,
    raw_term text,
    click_platform text,
    referrer_host text,
    has_macro smallint not null
);
insert into touch_again select * from touch order by 1;
drop table touch;
alter table touch_again rename to touch;

create table client_again (
    id integer not null primary key,
    device text not null,
    brand text,
    model text,
    os text,
    os_version text,
    browser text,
    browser_version text,
    language text
);
insert into client_again select * from client order by 1;
drop table client;
alter table client_again rename to client;

create table place_again (
    id integer not null primary key,
    country text,
    region text,
    city text
);
insert into place_again select * from place order by 1;
drop table place;
alter table place_again rename to place;

create table page_again (
    id integer not null primary key,
    path text not null
);
insert into page_again select * from page order by 1;
drop table page;
alter table page_again rename to page;

create table visitor_again (
    id integer not null primary key,
    first_seen bigint not null,
    last_seen bigint not null,
    sessions bigint not null,
    session_id bigint,
    first_touch_id bigint,
    last_touch_id bigint,
    registered_at bigint
);
insert into visitor_again select * from visitor order by 1;
drop table visitor;
alter table visitor_again rename to visitor;

create table visitor_key_again (
    key text not null primary key,
    visitor_id bigint not null
) without rowid;
insert into visitor_key_again select * from visitor_key order by 1;
drop table visitor_key;
alter table visitor_key_again rename to visitor_key;
create index visitor_key_visitor on visitor_key (visitor_id);

create table session_visitor_again (
    session_id integer not null primary key,
    visitor_id bigint not null
);
insert into session_visitor_again select * from session_visitor order by 1;
drop table session_visitor;
alter table session_visitor_again rename to session_visitor;

create table action_again (
    visitor_id bigint not null,
    id bigint not null,
    session_id bigint not null,
    at bigint not null,
    kind text not null,
    subject text not null,
    page_id bigint references page (id),
    product_id text,
    product_name text,
    value bigint,
    order_number text,
    query text,
    points bigint not null,
    metadata text,
    primary key (visitor_id, id),
    foreign key (visitor_id, session_id) references session (visitor_id, id)
) without rowid;
insert into action_again
    select visitor_id, id, session_id, at, kind, subject, page_id, product_id, product_name, value, order_number, query, points, metadata
    from action order by visitor_id, id;
drop table action;
alter table action_again rename to action;
create index action_session on action (visitor_id, session_id, kind, subject);

create table session_key_again (
    key integer not null primary key,
    session_id bigint not null
);
insert into session_key_again select * from session_key order by 1;
drop table session_key;
alter table session_key_again rename to session_key;

create table action_key_again (
    key integer not null primary key
);
insert into action_key_again select * from action_key order by 1;
drop table action_key;
alter table action_key_again rename to action_key;

create table change_again (
    id integer not null primary key,
    at bigint not null,
    about text not null,
    news text not null
);
insert into change_again select * from change order by 1;
drop table change;
alter table change_again rename to change;
