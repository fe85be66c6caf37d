//! Settings: boards and segments, each user's own.

use utm_dispatcher::model::{Role, Setting, SettingKind};
use utm_dispatcher::store::Saved;

use crate::world::{MINUTE, NOON, World, on_both};

on_both!(
    settings_are_each_users_own,
    settings_are_renamed_and_deleted,
    settings_are_bounded,
    two_saves_at_once_are_both_kept
);

const OLENA: &str = "olena@shop.test";
const IHOR: &str = "ihor@shop.test";

fn board(name: &str, value: &str) -> Setting {
    Setting { kind: SettingKind::Board, name: name.into(), value: value.into() }
}

fn segment(name: &str, value: &str) -> Setting {
    Setting { kind: SettingKind::Segment, name: name.into(), value: value.into() }
}

mod cases {
    use super::*;

    async fn users(world: &World) {
        for email in [OLENA, IHOR] {
            assert!(world.store.add_user(email, Role::Viewer, "hash", NOON).await.unwrap());
        }
    }

    pub async fn settings_are_each_users_own(world: World) {
        users(&world).await;
        let store = &world.store;
        assert_eq!(store.settings(OLENA).await.unwrap(), []);
        let hostile = "'; drop table setting; -- <b>";
        for setting in [board("Ранок", "[]"), segment("Ранок", hostile), board("", "[1]"), board("Ранок", "[2]")]
        {
            assert_eq!(store.save_setting(OLENA, &setting, NOON).await.unwrap(), Saved::Yes);
        }
        assert_eq!(store.save_setting(IHOR, &board("Ранок", "[3]"), NOON).await.unwrap(), Saved::Yes);
        assert_eq!(store.save_setting("nobody@shop.test", &board("x", ""), NOON).await.unwrap(), Saved::Nothing);
        let expected = [board("", "[1]"), board("Ранок", "[2]"), segment("Ранок", hostile)];
        assert_eq!(store.settings(OLENA).await.unwrap(), expected);
        assert_eq!(store.settings(IHOR).await.unwrap(), [board("Ранок", "[3]")]);
        assert_eq!(store.settings("nobody@shop.test").await.unwrap(), []);
    }

    pub async fn settings_are_renamed_and_deleted(world: World) {
        users(&world).await;
        let store = &world.store;
        for setting in [board("one", "1"), board("two", "2"), segment("one", "3")] {
            store.save_setting(OLENA, &setting, NOON).await.unwrap();
        }
        let rename = async |email: &str, from: &str, to: &str| {
            store.rename_setting(email, SettingKind::Board, from, to, NOON + MINUTE).await.unwrap()
        };
        assert_eq!(rename(OLENA, "one", "two").await, Saved::Taken);
        assert_eq!(rename(OLENA, "one", "one").await, Saved::Yes);
        assert_eq!(rename(OLENA, "none", "three").await, Saved::Nothing);
        assert_eq!(rename(IHOR, "one", "three").await, Saved::Nothing);
        assert_eq!(rename(OLENA, "one", "three").await, Saved::Yes);
        store.delete_setting(IHOR, SettingKind::Board, "three").await.unwrap();
        store.delete_setting(OLENA, SettingKind::Board, "two").await.unwrap();
        store.delete_setting(OLENA, SettingKind::Board, "two").await.unwrap();
        assert_eq!(store.settings(OLENA).await.unwrap(), [board("three", "1"), segment("one", "3")]);
    }

    pub async fn settings_are_bounded(world: World) {
        users(&world).await;
        let store = &world.store;
        for place in 0..SettingKind::Board.most() {
            assert_eq!(store.save_setting(OLENA, &board(&place.to_string(), ""), NOON).await.unwrap(), Saved::Yes);
        }
        assert_eq!(store.save_setting(OLENA, &board("more", ""), NOON).await.unwrap(), Saved::Full);
        assert_eq!(store.save_setting(OLENA, &board("7", "other"), NOON).await.unwrap(), Saved::Yes);
        assert_eq!(store.save_setting(OLENA, &segment("more", ""), NOON).await.unwrap(), Saved::Yes);
        assert_eq!(store.save_setting(IHOR, &board("more", ""), NOON).await.unwrap(), Saved::Yes);
    }

    pub async fn two_saves_at_once_are_both_kept(world: World) {
        users(&world).await;
        let (one, two) = (board("new", "1"), board("new", "2"));
        let (first, second) =
            tokio::join!(world.store.save_setting(OLENA, &one, NOON), world.store.save_setting(OLENA, &two, NOON));
        assert_eq!((first.unwrap(), second.unwrap()), (Saved::Yes, Saved::Yes));
        let left = world.store.settings(OLENA).await.unwrap();
        assert!(left == [one] || left == [two], "{left:?}");
    }
}
