-- Window functions, and windows of time.

-- name: rank
SELECT id, age, rank() OVER (ORDER BY age) AS r, dense_rank() OVER (ORDER BY age) AS d FROM people

-- name: row-number
SELECT id, shop, row_number() OVER (PARTITION BY shop ORDER BY day, id) AS n FROM sales

-- name: percent-rank-cume-dist
SELECT id, age, percent_rank() OVER (ORDER BY age) AS p, cume_dist() OVER (ORDER BY age) AS c FROM people

-- name: ntile
SELECT id, ntile(3) OVER (ORDER BY id) AS n FROM people

-- name: lag-lead
SELECT id, lag(quantity) OVER (PARTITION BY shop ORDER BY id) AS before, lead(quantity) OVER (PARTITION BY shop ORDER BY id) AS after FROM sales

-- name: lag-lead-offset-default
SELECT id, lag(id, 2, -1) OVER (ORDER BY id) AS a, lead(name, 1, 'none') OVER (ORDER BY id) AS b, lag(id, 0) OVER (ORDER BY id) AS c FROM people

-- name: lag-ignore-nulls
SELECT id, lag(age) IGNORE NULLS OVER (ORDER BY id) AS a, lead(age, 1) RESPECT NULLS OVER (ORDER BY id) AS b FROM people

-- name: first-last-value
SELECT id, first_value(product) OVER (PARTITION BY shop ORDER BY id) AS f, last_value(product) OVER (PARTITION BY shop ORDER BY id) AS l, last_value(product) OVER (PARTITION BY shop ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS e FROM sales

-- name: first-value-ignore-nulls
SELECT id, first_value(quantity) IGNORE NULLS OVER (PARTITION BY shop ORDER BY id DESC ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS f, last(age, true) OVER (ORDER BY id) AS l FROM sales JOIN people USING (id)

-- name: nth-value
SELECT id, nth_value(name, 2) OVER (ORDER BY id) AS n, nth_value(age, 2) IGNORE NULLS OVER (ORDER BY id DESC) AS m FROM people

-- name: running-sum
SELECT id, sum(quantity) OVER (ORDER BY id) AS s FROM sales

-- name: running-sum-with-ties
SELECT id, day, sum(quantity) OVER (ORDER BY day) AS s, count(*) OVER (ORDER BY day) AS n FROM sales

-- name: sum-of-partition
SELECT id, quantity, sum(quantity) OVER (PARTITION BY shop) AS s, quantity / sum(quantity) OVER (PARTITION BY shop) AS share FROM sales

-- name: sum-over-everything
SELECT id, sum(age) OVER () AS s, count(*) OVER () AS n FROM people

-- name: frame-rows
SELECT id, sum(id) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) AS a, sum(id) OVER (ORDER BY id ROWS 2 PRECEDING) AS b, count(*) OVER (ORDER BY id ROWS BETWEEN 2 FOLLOWING AND 3 FOLLOWING) AS c, sum(id) OVER (ORDER BY id ROWS BETWEEN 2 FOLLOWING AND 3 FOLLOWING) AS d FROM people

-- name: frame-range
SELECT id, age, count(*) OVER (ORDER BY age RANGE BETWEEN 5 PRECEDING AND 5 FOLLOWING) AS n FROM people

-- name: frame-range-descending
SELECT id, quantity, sum(quantity) OVER (ORDER BY quantity DESC RANGE BETWEEN 2 PRECEDING AND CURRENT ROW) AS s FROM sales

-- name: frame-range-of-days
SELECT id, day, sum(quantity) OVER (ORDER BY day RANGE BETWEEN INTERVAL '1' DAY PRECEDING AND CURRENT ROW) AS s FROM sales

-- name: frame-range-of-time
SELECT pump, time, count(*) OVER (PARTITION BY pump ORDER BY time RANGE BETWEEN INTERVAL '1' MINUTE PRECEDING AND CURRENT ROW) AS n FROM sensors

-- name: frame-range-unbounded
SELECT id, age, max(name) OVER (ORDER BY age RANGE BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS m FROM people

-- name: frame-reversed-refused
SELECT sum(id) OVER (ORDER BY id ROWS BETWEEN 1 FOLLOWING AND 1 PRECEDING) AS s FROM people

-- name: frame-range-without-order-refused
SELECT sum(id) OVER (RANGE BETWEEN 1 PRECEDING AND CURRENT ROW) AS s FROM people

-- name: rank-without-order-refused
SELECT rank() OVER (PARTITION BY city) AS r FROM people

-- name: window-in-where-refused
SELECT id FROM people WHERE row_number() OVER (ORDER BY id) = 1

-- name: window-without-over-refused
SELECT row_number() AS n FROM people

-- name: window-named
SELECT id, sum(quantity) OVER w AS s, avg(price) OVER w AS a FROM sales WINDOW w AS (PARTITION BY shop ORDER BY id)

-- name: window-named-unknown
SELECT sum(id) OVER w AS s FROM people

-- name: window-over-aggregate
SELECT shop, sum(quantity) AS q, rank() OVER (ORDER BY sum(quantity) DESC) AS r, sum(sum(quantity)) OVER () AS total FROM sales GROUP BY shop

-- name: window-top-per-group
SELECT shop, product, quantity FROM (SELECT *, row_number() OVER (PARTITION BY shop ORDER BY quantity DESC, id) AS n FROM sales) WHERE n <= 2

-- name: window-nulls-order
SELECT id, rank() OVER (ORDER BY age NULLS LAST) AS a, rank() OVER (ORDER BY age DESC) AS b, rank() OVER (ORDER BY age DESC NULLS FIRST) AS c FROM people

-- name: window-partition-of-null
SELECT id, count(*) OVER (PARTITION BY active) AS n FROM people

-- name: window-distinct-refused
SELECT count(DISTINCT city) OVER (PARTITION BY active) AS n FROM people

-- name: window-collect
SELECT id, collect_list(id) OVER (PARTITION BY manager ORDER BY id) AS l, size(collect_set(city) OVER (ORDER BY id)) AS s FROM people

-- name: window-min-max-moving
SELECT id, min(price) OVER (ORDER BY id ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) AS least, max(price) OVER (ORDER BY id ROWS BETWEEN CURRENT ROW AND 2 FOLLOWING) AS most FROM sales

-- name: window-avg-stddev
SELECT id, avg(age) OVER (PARTITION BY active) AS a, stddev(age) OVER (PARTITION BY active) AS s, round(avg(age) OVER (ORDER BY id), 3) AS r FROM people

-- name: window-filter
SELECT id, count(*) FILTER (WHERE age > 30) OVER (ORDER BY id) AS n FROM people

-- name: window-difference-of-time
SELECT pump, time, time - lag(time) OVER (PARTITION BY pump ORDER BY time) AS gap FROM sensors

-- name: window-gaps-and-islands
SELECT line, min(position) AS first, max(position) AS last FROM (SELECT line, position, position - row_number() OVER (PARTITION BY line ORDER BY position) AS g FROM words WHERE word <> 'brown') GROUP BY line, g

-- name: qualify
SELECT id, row_number() OVER (PARTITION BY city ORDER BY id) AS n FROM people QUALIFY n = 1

-- name: time-window-tumbling
SELECT window.start AS start, window.end AS stop, count(*) AS n FROM events GROUP BY window(time, '10 minutes')

-- name: time-window-struct
SELECT window(time, '1 hour') AS w, sum(amount) AS s FROM events WHERE time IS NOT NULL GROUP BY window(time, '1 hour')

-- name: time-window-sliding
SELECT window.start AS start, window.end AS stop, count(*) AS n FROM events GROUP BY window(time, '10 minutes', '5 minutes')

-- name: time-window-with-start
SELECT window.start AS start, count(*) AS n FROM events GROUP BY window(time, '15 minutes', '15 minutes', '2 minutes')

-- name: time-window-and-key
SELECT user, window.start AS start, sum(amount) AS s FROM events WHERE kind = 'buy' GROUP BY user, window(time, '30 minutes')

-- name: time-window-longer-slide-refused
SELECT count(*) AS n FROM events GROUP BY window(time, '5 minutes', '10 minutes')

-- name: time-window-malformed
SELECT count(*) AS n FROM events GROUP BY window(time, 'ten minutes')

-- name: time-window-having
SELECT window.end AS stop, max(amount) AS m FROM events GROUP BY window(time, '10 minutes') HAVING max(amount) > 10

-- name: time-window-max-price
SELECT w.start AS start, max(price) AS m FROM (SELECT window(CAST(day AS TIMESTAMP), '2 days') AS w, price FROM sales) GROUP BY w

-- name: window-time
SELECT window_time(window) AS t, n FROM (SELECT window, count(*) AS n FROM events GROUP BY window(time, '1 hour'))

-- name: session-window
SELECT user, session_window.start AS start, session_window.end AS stop, count(*) AS n FROM events GROUP BY user, session_window(time, '15 minutes')

-- name: session-window-dynamic
SELECT user, session_window.end AS stop, count(*) AS n FROM events GROUP BY user, session_window(time, CASE WHEN user = 'ann' THEN '5 minutes' ELSE '1 hour' END)
