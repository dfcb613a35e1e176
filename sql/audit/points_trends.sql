-- Data points on the trend of each lift, told only where the look of 28 days before agrees; and on how many estimates
-- there are where they are too few.
WITH agreed AS (
    SELECT now.*,
           CASE
               WHEN now.kind IS NULL THEN NULL
               WHEN now.kind = past.kind THEN now.kind
               ELSE 'undecided'
           END AS told
    FROM trends AS now
    LEFT JOIN trends AS past
        ON past.user_id = now.user_id AND past.exercise_id = now.exercise_id AND past.which = 'earlier'
    WHERE now.which = 'now'
), facts AS (
    SELECT *, unnest([
        {data_type: 'e1rm_trend_pct_week', numeric_value: CASE WHEN told <> 'undecided' THEN slope END,
         text_value: NULL},
        {data_type: 'e1rm_trend_low_pct_week', numeric_value: CASE WHEN told <> 'undecided' THEN low END,
         text_value: NULL},
        {data_type: 'e1rm_trend_high_pct_week', numeric_value: CASE WHEN told <> 'undecided' THEN high END,
         text_value: NULL},
        {data_type: 'e1rm_trend_estimates', numeric_value: CASE WHEN told IS NOT NULL THEN estimates END,
         text_value: NULL},
        {data_type: 'e1rm_trend_mdc_pct_week', numeric_value: CASE WHEN told IS NOT NULL THEN mdc END,
         text_value: NULL},
        {data_type: 'e1rm_trend_kind', numeric_value: NULL, text_value: told},
        {data_type: 'e1rm_estimates', numeric_value: CASE WHEN told IS NULL THEN estimates END, text_value: NULL}
    ], recursive := true)
    FROM agreed
)
SELECT user_id, data_type, exercise_id AS entity_id, first_day AS window_start, last_day AS window_end,
       numeric_value, text_value, estimates AS n,
       CASE WHEN told IN ('rising', 'falling') THEN least(certainty, 0.99) WHEN told = 'plateau' THEN 0.95 ELSE 1
       END AS confidence_score,
       'trend/1' AS calculation_method
FROM facts
