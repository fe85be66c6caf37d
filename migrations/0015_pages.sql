-- A page's path holds no order's number: a page that is shown once for each order is one page. Its key is the hash of the
-- path, as for every row of a dictionary.

insert into page (id, path) values (3686680387802692055, '/thanks/…'), (6826006207029550035, '/pay/…')
on conflict (id) do nothing;

update session set landing_id = 3686680387802692055
where landing_id in (select id from page where path like '/thanks/_%');
update session set landing_id = 6826006207029550035
where landing_id in (select id from page where path like '/pay/_%');

update action set page_id = 3686680387802692055
where page_id in (select id from page where path like '/thanks/_%');
update action set page_id = 6826006207029550035
where page_id in (select id from page where path like '/pay/_%');

delete from page
where (path like '/thanks/_%' or path like '/pay/_%') and id not in (3686680387802692055, 6826006207029550035);
