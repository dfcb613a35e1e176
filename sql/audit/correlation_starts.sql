-- The first 999 permutations of each pair, and how many of them are as far from no correlation as the data.
WITH orders AS (
    SELECT n, number, list(place + 1 ORDER BY scattered(256 * number + place), place) AS places
    FROM (SELECT DISTINCT n FROM correlation_pairs), range(1, 1000) AS numbers (number), unnest(range(n)) AS p (place)
    GROUP BY n, number
)
SELECT c.pair,
       count(*) FILTER (
           WHERE abs(c.n * list_inner_product(list_select(c.xs, o.places), c.ys) - c.apart) >= abs(c.product)
       ) AS beyond
FROM correlation_pairs AS c
JOIN orders AS o USING (n)
GROUP BY c.pair
