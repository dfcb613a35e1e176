-- Data points on what goes along with a lift's days, where p after Holm's correction is below 1 %. Never a cause.
SELECT user_id, 'e1rm_' || factor || '_rho' AS data_type, exercise_id AS entity_id,
       first_day AS window_start, last_day AS window_end, rho AS numeric_value, n,
       least(1 - reached_of_wanted / wanted, 0.99::DOUBLE) AS confidence_score, 'spearman/1' AS calculation_method
FROM correlations
WHERE 100 * reached_of_wanted < wanted
