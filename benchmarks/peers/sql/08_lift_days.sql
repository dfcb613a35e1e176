-- What each lift did on each day; light against the 42 days before, without a set near failure, it is a deload day.
CREATE UNLOGGED TABLE peer.lift_days AS
WITH days AS (
    SELECT lift, day, day - DATE '2000-01-01' AS number,
           bool_or(carried) AS carried,
           count(*) FILTER (WHERE is_hard) AS hard_sets,
           sum(units)::bigint AS units,
           coalesce(sum(own_reps) FILTER (WHERE in_tonnage), 0) AS reps,
           max(load_kg) FILTER (WHERE for_records) AS heaviest_kg,
           bool_or(effort) AS effort,
           bool_or(for_1rm OR for_records) AS is_row,
           bool_or(in_tonnage OR is_hard) AS in_volume
    FROM peer.counted
    GROUP BY lift, day
), best AS (
    SELECT DISTINCT ON (lift, day)
           lift, day, estimate_kg, method, sigma,
           load_kg AS base_weight_kg, own_reps AS base_reps, usable_rpe AS base_rpe
    FROM (
        SELECT *,
               sqrt(per_repetition * reserve * (per_repetition * reserve)
                    + per_repetition * person * (per_repetition * person)
                    + 0.042::float8 * 0.042::float8
                    + CASE WHEN is_deadlift THEN 0.05::float8 * 0.05::float8 ELSE 0 END) AS sigma
        FROM (
            SELECT *,
                   0.03::float8 + 0.003::float8 * greatest(n - 5, 0) AS per_repetition,
                   CASE WHEN rir IS NULL THEN 3.3::float8 ELSE 0.3::float8 + 0.25::float8 * rir END
                       * (greatest(n * 0.1::float8, 1) * greatest(n * 0.1::float8, 1)) AS reserve,
                   2.5::float8 / 9.0::float8 * (n - 1) AS person
            FROM (
                SELECT lift, day, estimate_kg, method, load_kg, own_reps, usable_rpe, rir, is_deadlift,
                       start_time, set_number, set_id, own_reps + coalesce(rir, 2) AS n
                FROM peer.counted
                WHERE estimate_kg IS NOT NULL
            ) AS estimated
        ) AS parts
    ) AS erring
    ORDER BY lift, day, estimate_kg DESC, sigma, start_time NULLS LAST, set_number, set_id
), compared AS (
    SELECT *,
           max(heaviest_kg) OVER (
               PARTITION BY lift, carried ORDER BY number RANGE BETWEEN 42 PRECEDING AND 1 PRECEDING
           ) AS heaviest_of_six_weeks_kg
    FROM days
)
SELECT d.lift, d.day, d.carried, d.hard_sets, d.units, d.reps, d.heaviest_kg, d.is_row, d.in_volume,
       coalesce(d.heaviest_kg < 0.85 * d.heaviest_of_six_weeks_kg, false) AND NOT d.effort AS deload,
       b.estimate_kg, b.method, b.sigma, b.base_weight_kg, b.base_reps, b.base_rpe
FROM compared AS d
LEFT JOIN best AS b USING (lift, day)
