-- What the shop's server and imports say: their own names of things, what they tell beside, and what advertising cost.

-- Hashes of what others call sessions. 0 is a session that was dropped, with all that was done in it.
create table session_key (
    key bigint not null primary key,
    session_id bigint not null
);

-- Hashes of what others call actions: a second one of the same name is not stored. Eight bytes, because names come in
-- no order and a long index of texts would be written all over.
create table action_key (
    key bigint not null primary key
);

-- A JSON object.
alter table action add column metadata text;

-- What a day of a campaign cost, named as its visitors' touches are.
create table spend (
    day text not null, -- a local day, YYYY-MM-DD
    source text not null,
    medium text not null,
    campaign text not null,
    content text not null,
    amount bigint not null,
    clicks bigint not null,
    impressions bigint not null,
    primary key (day, source, medium, campaign, content)
);
