-- Whether anyone uses the embedded server: other clients now, and sessions opened so far outside the maintenance database.
select
    (select count(*) from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()) as clients,
    (select coalesce(sum(sessions), 0)::bigint from pg_stat_database where datname <> 'postgres') as sessions;
