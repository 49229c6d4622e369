-- Names that Spark makes for columns without an alias.

-- name: names-operators
SELECT age + 1, age * 2 - 1, -age, age % 2, age / 2, age DIV 2 FROM people WHERE id = 1

-- name: names-comparisons
SELECT age > 1, age = 1, age <> 1, age <=> 1, NOT active, active AND age > 1, active OR age > 1 FROM people WHERE id = 1

-- name: names-predicates
SELECT age IS NULL, age IS NOT NULL, age BETWEEN 1 AND 2, age IN (1, 2), name LIKE 'A%', name RLIKE 'A', name NOT LIKE 'B' FROM people WHERE id = 1

-- name: names-literals
SELECT 1, 1.5, 'text', true, NULL, 1L, 2.5D, DATE '2024-01-01', TIMESTAMP '2024-01-01 10:00:00', X'1F', INTERVAL '1' DAY

-- name: names-functions
SELECT upper(name), substring(name, 1, 2), concat(name, 'x'), coalesce(age, 0), round(age, 1), length(name), trim(name) FROM people WHERE id = 1

-- name: names-aggregates
SELECT count(*), count(1), count(age), count(DISTINCT age), sum(age), avg(age), min(name), max(age), first(id) FROM people WHERE id = 1

-- name: names-aggregates-filter
SELECT count(*) FILTER (WHERE age > 1), sum(DISTINCT age), collect_list(age), stddev(age) FROM people WHERE id = 1

-- name: names-case-cast
SELECT CASE WHEN age > 1 THEN 'a' ELSE 'b' END, CAST(age AS STRING), age::DOUBLE, if(active, 1, 2) FROM people WHERE id = 1

-- name: names-collections
SELECT array(1, 2), map('a', 1), struct(1, 'x'), named_struct('a', 1), array(1, 2)[0], numbers[0], scores['a'], person.name, size(numbers) FROM nested WHERE id = 1

-- name: names-lambdas
SELECT transform(array(1), x -> x + 1), filter(array(1), y -> y > 0), aggregate(array(1), 0, (a, b) -> a + b)

-- name: names-windows
SELECT row_number() OVER (ORDER BY id), sum(age) OVER (PARTITION BY city ORDER BY id), lag(age) OVER (ORDER BY id) FROM people WHERE id = 1

-- name: names-dates
SELECT year(DATE '2024-01-01'), date_add(DATE '2024-01-01', 1), date_trunc('day', TIMESTAMP '2024-01-01 10:00:00'), date_format(DATE '2024-01-01', 'yyyy'), extract(YEAR FROM DATE '2024-01-01')

-- name: names-subqueries
SELECT (SELECT 1), EXISTS (SELECT 1), 1 IN (SELECT 1)

-- name: names-of-window
SELECT window(time, '1 hour') FROM events WHERE user = 'cyd'

-- name: names-concat-operator
SELECT 'a' || 'b', 1 | 2, 1 & 3, 5 ^ 1, ~1

-- name: names-aliases-of-functions
SELECT nvl(1, 2), ifnull(1, 2), mean(1), substr('abc', 1), ucase('a'), ceil(1.5), floor(2.5), pow(2, 3), char_length('a'), now() IS NULL

-- name: names-nested
SELECT upper(concat(name, cast(age + 1 AS string))), sum(quantity * price) FROM people JOIN sales USING (id) WHERE id = 1 GROUP BY name, age
