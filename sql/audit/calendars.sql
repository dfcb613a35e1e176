-- For each lifter the days that windows begin and end with: weeks from Monday to Sunday, closed by as_of, and months.
WITH ends AS (
    SELECT user_id, as_of,
           as_of - CAST(isodow(as_of) % 7 AS INTEGER) AS week_end,
           CAST(date_trunc('month', as_of + 1) AS DATE) - 1 AS month_end
    FROM lifters
)
SELECT user_id, as_of, week_end, month_end,
       week_end - 6 AS week_start,
       week_end - 34 AS usual_start,
       week_end - 7 AS usual_end,
       week_end - 27 AS balance_start,
       week_end - 55 AS consistency_start,
       CAST(date_trunc('month', month_end) AS DATE) AS month_start,
       CAST(date_trunc('month', month_end) AS DATE) - 1 AS month_before_end,
       CAST(date_trunc('month', CAST(date_trunc('month', month_end) AS DATE) - 1) AS DATE) AS month_before_start
FROM ends
