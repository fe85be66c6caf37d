-- Who may look, and what they hold: logins (cookies) and tokens (APIs). Only hashes of secrets are stored.

create table users (
    id bigint not null primary key,
    email text not null unique,
    password_hash text not null,
    role text not null,
    is_active smallint not null,
    created_at bigint not null
);

create table login (
    secret_hash text not null primary key,
    user_id bigint not null references users (id),
    created_at bigint not null,
    last_seen bigint not null,
    expires_at bigint not null
);
create index login_user on login (user_id);

create table token (
    id bigint not null primary key,
    name text not null unique,
    scope text not null,
    secret_hash text not null unique,
    created_at bigint not null,
    revoked_at bigint
);
