-- Each pair that the first permutations did not rule out, with its p after Holm's correction over all the user's pairs:
-- the k-th smallest of m times m - k + 1, never falling. Where 1 + beyond reaches a hundredth of all, p is not below 1 %.
WITH open AS (
    SELECT c.*, s.beyond AS beyond_first
    FROM correlation_pairs AS c
    JOIN correlation_starts AS s USING (pair)
    WHERE 100 * (1 + s.beyond) < c.wanted
), orders AS (
    SELECT n, number, list(place + 1 ORDER BY scattered(256 * number + place), place) AS places
    FROM (SELECT n, max(wanted) AS wanted FROM open GROUP BY n), unnest(range(1000, wanted)) AS k (number),
         unnest(range(n)) AS p (place)
    GROUP BY n, number
), further AS (
    SELECT c.pair,
           count(*) FILTER (
               WHERE abs(c.n * list_inner_product(list_select(c.xs, o.places), c.ys) - c.apart) >= abs(c.product)
           ) AS beyond
    FROM open AS c
    JOIN orders AS o ON o.n = c.n AND o.number < c.wanted
    GROUP BY c.pair
), tested AS (
    SELECT c.*, 1 + c.beyond_first + f.beyond AS reached,
           (SELECT count(*) FROM correlation_pairs AS every WHERE every.user_id = c.user_id) AS tried
    FROM open AS c
    JOIN further AS f USING (pair)
), stepped AS (
    SELECT *, row_number() OVER smallest AS k FROM tested WINDOW smallest AS (PARTITION BY user_id ORDER BY reached, pair)
)
SELECT user_id, exercise_id, factor, first_day, last_day, n, product / scale AS rho, wanted,
       max(reached * (tried - k + 1)) OVER (PARTITION BY user_id ORDER BY k) AS reached_of_wanted
FROM stepped
