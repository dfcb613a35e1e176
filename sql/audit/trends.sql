-- By lift and look: the median of all pairwise slopes, its range by the ranks of Kendall's statistic, p, and the
-- verdict. Without ten estimates there is none.
WITH inside AS (
    SELECT v.*
    FROM trend_values AS v
    JOIN trend_windows AS w USING (user_id, exercise_id, which)
    WHERE v.age_days < 7 * w.weeks
), slopes AS (
    SELECT a.user_id, a.exercise_id, a.which,
           list_sort(list(7 * (b.y - a.y) / (b.day - a.day))) AS slopes,
           abs(sum(sign(b.y - a.y))) AS concordance
    FROM inside AS a
    JOIN inside AS b
        ON b.user_id = a.user_id AND b.exercise_id = a.exercise_id AND b.which = a.which AND b.day > a.day
    GROUP BY a.user_id, a.exercise_id, a.which
), spread AS (
    SELECT w.*, s.slopes, s.concordance, len(s.slopes) AS pairs,
           sqrt(w.estimates * (w.estimates - 1) * (2 * w.estimates + 5) / 18) AS kendall_sd
    FROM trend_windows AS w
    LEFT JOIN slopes AS s USING (user_id, exercise_id, which)
), ranks AS (
    SELECT *,
           CAST(ceil((pairs + 1.960 * kendall_sd) / 2) AS INTEGER) AS k,
           CAST(ceil((pairs + 1.645 * kendall_sd) / 2) AS INTEGER) AS k_plateau
    FROM spread
), ranges AS (
    SELECT *,
           middle(slopes) AS slope,
           CASE WHEN pairs - k >= 1 THEN slopes[pairs - k] END AS low,
           CASE WHEN k + 1 <= pairs THEN slopes[k + 1] END AS high,
           CASE WHEN k_plateau + 1 <= pairs THEN slopes[k_plateau + 1] END AS high_of_plateau
    FROM ranks
)
SELECT user_id, exercise_id, which, first_day, last_day, estimates, mdc, slope, low, high,
       erf(greatest(concordance - 1, 0) / kendall_sd / sqrt(2)) AS certainty,
       CASE
           WHEN weeks IS NULL THEN NULL
           WHEN low IS NULL OR high IS NULL THEN 'undecided'
           WHEN low > 0 THEN 'rising'
           WHEN high < 0 THEN 'falling'
           WHEN mdc <= delta AND high_of_plateau < delta THEN 'plateau'
           ELSE 'undecided'
       END AS kind
FROM ranges
