# Sourced: postgres_start starts a temporary PostgreSQL and exports TEST_POSTGRES_URL; postgres_stop stops and removes it.
# The cluster is one a deployment could have: fsync on, UTF-8, code point order; with connections for many tests at once.
# Only this machine reaches it.

postgres_folder=
postgres_as=()

postgres_pg_ctl() { (cd "$postgres_folder" && "${postgres_as[@]}" "$postgres_programs/pg_ctl" --pgdata=data --silent "$@"); }

postgres_start() {
    [ -z "${TEST_POSTGRES_URL:-}" ] || return 0 # the caller brought one
    local port
    postgres_programs=$(scripts/postgres-bin) || { echo "PostgreSQL's server programs are missing: run scripts/setup test" >&2; return 1; }
    postgres_folder=$(mktemp -d "${TMPDIR:-/tmp}/dispatcher-postgres.XXXXXX") || return 1
    if [ "$(id -u)" = 0 ]; then # the server refuses to run as root
        id postgres >/dev/null || return 1
        chown postgres: "$postgres_folder"
        postgres_as=(runuser -u postgres --)
    fi
    (cd "$postgres_folder" && "${postgres_as[@]}" "$postgres_programs/initdb" --pgdata=data --username=dispatcher --auth=trust \
        --encoding=UTF8 --locale=C.UTF-8 --no-sync >initdb.log 2>&1) || { cat "$postgres_folder/initdb.log" >&2; return 1; }
    port=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close(); })') || return 1
    postgres_pg_ctl start --wait --log=server.log --options="-p $port -c max_connections=300 -c listen_addresses=127.0.0.1 -c unix_socket_directories='$postgres_folder'" ||
        { cat "$postgres_folder/server.log" >&2; return 1; }
    export TEST_POSTGRES_URL="postgres://dispatcher@127.0.0.1:$port/postgres"
}

postgres_stop() {
    [ -n "$postgres_folder" ] || return 0
    [ ! -e "$postgres_folder/data/postmaster.pid" ] || postgres_pg_ctl stop --mode=immediate || true
    rm -rf "$postgres_folder"
    postgres_folder=
}
