-- What a user of the dashboard has saved: boards and segments, each under a name of its own.

create table setting (
    user_id bigint not null references users (id),
    -- `board` or `segment`.
    kind text not null,
    -- Empty for the main board.
    name text not null,
    value text not null,
    changed_at bigint not null,
    primary key (user_id, kind, name)
);
