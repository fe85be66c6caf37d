//! Users, logins and tokens: who is let in, and when no longer.

use utm_dispatcher::model::{Role, Scope};
use utm_dispatcher::store::Credentials;

use crate::world::{MINUTE, NOON, World, on_both};

on_both!(
    users_are_added_disabled_and_brought_back,
    a_login_lasts_until_it_expires_or_is_ended,
    no_login_begins_with_what_is_no_longer_true,
    tokens_are_found_by_their_hash_until_they_are_revoked,
    another_process_is_seen_at_once,
    two_processes_never_make_one_id,
);

mod cases {
    use super::*;

    pub async fn users_are_added_disabled_and_brought_back(world: World) {
        let store = &world.store;
        assert!(store.users().await.unwrap().is_empty());
        assert!(store.add_user("olena@shop.test", Role::Admin, "hash 1", NOON).await.unwrap());
        assert!(store.add_user("Єва@shop.test", Role::Viewer, "hash 2", NOON).await.unwrap());
        assert!(!store.add_user("olena@shop.test", Role::Viewer, "hash 3", NOON).await.unwrap());
        assert_eq!(credentials(&world, "olena@shop.test").await.unwrap().password_hash, "hash 1");

        assert!(store.disable_user("olena@shop.test").await.unwrap());
        assert_eq!(credentials(&world, "olena@shop.test").await, None);
        assert!(!store.set_password("olena@shop.test", "hash 4").await.unwrap());
        assert!(!store.disable_user("nobody@shop.test").await.unwrap());

        assert!(store.add_user("olena@shop.test", Role::Analyst, "hash 5", NOON + MINUTE).await.unwrap());
        assert!(store.set_password("olena@shop.test", "hash 6").await.unwrap());
        let users = store.users().await.unwrap();
        let shown: Vec<_> = users.iter().map(|user| (user.email.as_str(), user.role, user.is_active)).collect();
        assert_eq!(shown, [("olena@shop.test", Role::Analyst, true), ("Єва@shop.test", Role::Viewer, true)]);
    }

    pub async fn a_login_lasts_until_it_expires_or_is_ended(world: World) {
        let (store, end) = (&world.store, NOON + 10 * MINUTE);
        store.add_user("olena@shop.test", Role::Analyst, "hash", NOON).await.unwrap();
        let olena = credentials(&world, "olena@shop.test").await.unwrap();
        for secret in ["one", "two", "three"] {
            assert!(store.add_login(&olena, secret, NOON, end).await.unwrap());
        }
        let login = store.login("one", NOON).await.unwrap().unwrap();
        assert_eq!((login.viewer.name.as_str(), login.viewer.role), ("olena@shop.test", Role::Analyst));
        assert_eq!((login.last_seen, login.expires_at), (NOON, end));
        let is_open = async |secret: &str, now| store.login(secret, now).await.unwrap().is_some();
        assert!(is_open("one", end - 1).await && !is_open("one", end).await && !is_open("four", NOON).await);

        store.extend_login("one", NOON + MINUTE, end + MINUTE).await.unwrap();
        assert!(is_open("one", end).await);
        // One that has ended is not brought back.
        store.extend_login("two", end, end + MINUTE).await.unwrap();
        assert!(!is_open("two", end).await);
        store.end_login("one").await.unwrap();
        assert!(!is_open("one", NOON).await && is_open("three", NOON).await);
        store.disable_user("olena@shop.test").await.unwrap();
        assert!(!is_open("three", NOON).await);
    }

    pub async fn no_login_begins_with_what_is_no_longer_true(world: World) {
        let store = &world.store;
        store.add_user("olena@shop.test", Role::Admin, "old", NOON).await.unwrap();
        let old = credentials(&world, "olena@shop.test").await.unwrap();
        store.set_password("olena@shop.test", "new").await.unwrap();
        assert!(!store.add_login(&old, "one", NOON, NOON + MINUTE).await.unwrap());
        let new = credentials(&world, "olena@shop.test").await.unwrap();
        store.disable_user("olena@shop.test").await.unwrap();
        assert!(!store.add_login(&new, "two", NOON, NOON + MINUTE).await.unwrap());
        assert!(store.login("one", NOON).await.unwrap().is_none());
    }

    pub async fn tokens_are_found_by_their_hash_until_they_are_revoked(world: World) {
        let store = &world.store;
        assert!(store.add_token("shop", Scope::Write, "hash 1", NOON).await.unwrap());
        assert!(!store.add_token("shop", Scope::Read, "hash 2", NOON).await.unwrap());
        let scope = async |hash: &str| store.token(hash).await.unwrap().map(|token| token.scope);
        assert_eq!((scope("hash 1").await, scope("hash 2").await), (Some(Scope::Write), None));
        assert!(store.revoke_token("shop", NOON + MINUTE).await.unwrap());
        assert_eq!(scope("hash 1").await, None);
        assert!(!store.revoke_token("shop", NOON).await.unwrap() && !store.revoke_token("till", NOON).await.unwrap());
        assert!(store.add_token("shop", Scope::Read, "hash 3", NOON).await.unwrap());
        assert_eq!((scope("hash 1").await, scope("hash 3").await), (None, Some(Scope::Read)));
        let tokens = store.tokens().await.unwrap();
        assert_eq!(
            tokens.iter().map(|token| (token.name.as_str(), token.revoked_at)).collect::<Vec<_>>(),
            [("shop", None)]
        );
    }

    pub async fn another_process_is_seen_at_once(world: World) {
        let other = world.another_process(50_000).await;
        world.store.add_user("olena@shop.test", Role::Admin, "hash", NOON).await.unwrap();
        let olena = credentials(&world, "olena@shop.test").await.unwrap();
        assert!(world.store.add_login(&olena, "one", NOON, NOON + MINUTE).await.unwrap());
        assert!(other.login("one", NOON).await.unwrap().is_some());
        other.disable_user("olena@shop.test").await.unwrap();
        assert!(world.store.login("one", NOON).await.unwrap().is_none());
    }

    pub async fn two_processes_never_make_one_id(world: World) {
        // Both sources of ids start at the same instant.
        let other = world.another_process(50_000).await;
        for number in 0..4 {
            assert!(world.store.add_user(&format!("a{number}@x"), Role::Viewer, "hash", NOON).await.unwrap());
            assert!(other.add_user(&format!("b{number}@x"), Role::Viewer, "hash", NOON).await.unwrap());
        }
        assert_eq!(other.users().await.unwrap().len(), 8);
    }

    async fn credentials(world: &World, email: &str) -> Option<Credentials> {
        world.store.credentials(email).await.unwrap()
    }
}
