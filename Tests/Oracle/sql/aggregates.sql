-- Aggregate functions, GROUP BY, HAVING, grouping sets, FILTER and PIVOT.

-- name: count-star
SELECT count(*) AS n FROM people

-- name: count-column
SELECT count(age) AS ages, count(city) AS cities, count(1) AS ones, count(NULL) AS nulls FROM people

-- name: count-several
SELECT count(age, city) AS both FROM people

-- name: count-distinct
SELECT count(DISTINCT age) AS ages, count(DISTINCT city, active) AS pairs FROM people

-- name: count-of-nothing
SELECT count(*) AS n, sum(age) AS s, max(name) AS m, avg(age) AS a FROM people WHERE false

-- name: sum-types
SELECT sum(tiny) AS t, sum(small) AS s, sum(whole) AS w, sum(exact) AS e FROM extremes

-- name: sum-floats
SELECT sum(single) AS s, sum(real) AS r FROM extremes WHERE id IN (1, 5, 9)

-- name: sum-overflow
SELECT sum(big) AS s FROM extremes WHERE id IN (2, 7)

-- name: sum-decimal
SELECT sum(salary) AS s, avg(salary) AS a FROM people

-- name: sum-distinct
SELECT sum(DISTINCT quantity) AS s FROM sales

-- name: sum-string
SELECT sum(x) AS s FROM VALUES ('1'), ('2.5') AS t(x)

-- name: sum-string-malformed
SELECT sum(name) AS s FROM people

-- name: sum-infinities
SELECT sum(real) AS s, avg(real) AS a, max(real) AS m FROM extremes WHERE id IN (7, 8)

-- name: avg-int
SELECT avg(age) AS a, mean(age) AS m, typeof(avg(age)) AS t FROM people

-- name: avg-decimal-type
SELECT avg(discount) AS a FROM sales

-- name: min-max
SELECT min(age) AS a, max(name) AS b, min(joined) AS c, max(active) AS d, min(salary) AS e FROM people

-- name: min-max-nan
SELECT min(real) AS least, max(real) AS greatest FROM extremes

-- name: min-max-arrays
SELECT min(numbers) AS least, max(person) AS greatest FROM nested

-- name: group-by-column
SELECT city, count(*) AS n FROM people GROUP BY city

-- name: group-by-several
SELECT shop, product, sum(quantity) AS q, avg(price) AS p FROM sales GROUP BY shop, product

-- name: group-by-expression
SELECT age DIV 10 AS decade, count(*) AS n FROM people GROUP BY age DIV 10

-- name: group-by-alias
SELECT lower(city) AS place, count(*) AS n FROM people GROUP BY place

-- name: group-by-position
SELECT active, max(age) AS oldest FROM people GROUP BY 1

-- name: group-by-all
SELECT shop, product, count(*) AS n FROM sales GROUP BY ALL

-- name: group-by-hidden
SELECT count(*) AS n FROM people GROUP BY city

-- name: group-by-nan-and-zero
SELECT count(*) AS n FROM (SELECT real FROM extremes UNION ALL SELECT double('NaN')) GROUP BY real

-- name: group-by-missing-column
SELECT city, name, count(*) AS n FROM people GROUP BY city

-- name: group-by-missing-column-without-group
SELECT name, count(*) AS n FROM people

-- name: group-by-struct
SELECT person.age IS NULL AS unknown, count(*) AS n FROM nested GROUP BY person.age IS NULL

-- name: group-by-map
SELECT count(*) AS n FROM nested GROUP BY scores

-- name: having
SELECT city, count(*) AS n FROM people GROUP BY city HAVING count(*) > 1

-- name: having-alias
SELECT city, count(*) AS n FROM people GROUP BY city HAVING n > 1 AND city IS NOT NULL

-- name: having-without-group
SELECT sum(age) AS s FROM people HAVING sum(age) > 1000

-- name: aggregate-of-expression
SELECT sum(quantity * price * (1 - coalesce(discount, 0))) AS revenue FROM sales

-- name: aggregate-in-expression
SELECT shop, sum(price) / count(*) + 1 AS x, max(price) - min(price) AS spread FROM sales GROUP BY shop

-- name: aggregate-nested-refused
SELECT sum(count(*)) AS x FROM people

-- name: aggregate-order
-- ordered
SELECT shop, sum(quantity) AS q FROM sales GROUP BY shop ORDER BY q DESC

-- name: aggregate-order-by-other
-- ordered
SELECT shop FROM sales GROUP BY shop ORDER BY max(price), shop

-- name: filter-clause
SELECT count(*) FILTER (WHERE age > 30) AS old, sum(age) FILTER (WHERE active) AS s FROM people

-- name: filter-clause-grouped
SELECT shop, count(*) FILTER (WHERE product = 'tea') AS teas, max(price) FILTER (WHERE quantity > 100) AS none FROM sales GROUP BY shop

-- name: filter-clause-distinct
SELECT count(DISTINCT city) FILTER (WHERE age < 40) AS n FROM people

-- name: count-if
SELECT count_if(age > 30) AS n, count_if(city = 'x') AS none FROM people

-- name: bool-aggregates
SELECT bool_and(active) AS a, bool_or(active) AS o, every(id > 0) AS e, some(age > 50) AS s, any(age > 60) AS n FROM people

-- name: bit-aggregates
SELECT bit_and(quantity) AS a, bit_or(quantity) AS o, bit_xor(quantity) AS x FROM sales

-- name: stddev-variance
SELECT stddev(age) AS s, stddev_samp(age) AS ss, stddev_pop(age) AS sp, variance(age) AS v, var_samp(age) AS vs, var_pop(age) AS vp FROM people

-- name: stddev-of-one
SELECT stddev(age) AS s, stddev_pop(age) AS p, var_samp(age) AS v FROM people WHERE id = 1

-- name: skewness-kurtosis
SELECT skewness(age) AS s, kurtosis(age) AS k FROM people

-- name: corr-covar
SELECT corr(quantity, price) AS c, covar_pop(quantity, price) AS p, covar_samp(quantity, price) AS s FROM sales

-- name: regression
SELECT regr_count(price, quantity) AS n, regr_slope(price, quantity) AS s, regr_intercept(price, quantity) AS i, regr_r2(price, quantity) AS r, regr_avgx(price, quantity) AS ax, regr_avgy(price, quantity) AS ay FROM sales

-- name: percentile
SELECT percentile(age, 0.5) AS p50, percentile(age, 0.25) AS p25, percentile(age, array(0.0, 0.5, 1.0)) AS all FROM people

-- name: percentile-cont-disc
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY price) AS c, percentile_disc(0.5) WITHIN GROUP (ORDER BY price) AS d, percentile_cont(0.25) WITHIN GROUP (ORDER BY price DESC) AS r FROM sales

-- name: median
SELECT shop, median(price) AS m FROM sales GROUP BY shop

-- name: mode
SELECT mode(age) AS m FROM people

-- name: percentile-approx
SELECT percentile_approx(quantity, 0.5) AS m, approx_percentile(quantity, array(0.25, 0.75)) AS q FROM sales

-- name: approx-count-distinct
SELECT approx_count_distinct(product) AS p, approx_count_distinct(city) AS c FROM sales JOIN shops USING (shop)

-- name: max-by-min-by
SELECT max_by(name, age) AS oldest, min_by(name, age) AS youngest FROM people

-- name: max-by-grouped
SELECT shop, max_by(product, quantity) AS best FROM sales GROUP BY shop

-- name: first-of-ordered
SELECT first(name) AS f, last(name) AS l FROM (SELECT name FROM people WHERE id = 3)

-- name: any-value
SELECT product, any_value(length(product)) AS n FROM sales GROUP BY product

-- name: first-ignores-nulls
SELECT first(x, true) AS f, last(x) IGNORE NULLS AS l, any_value(x) IGNORE NULLS AS a FROM VALUES (NULL), (7) AS t(x)

-- name: collect-list
SELECT shop, sort_array(collect_list(product)) AS products FROM sales GROUP BY shop

-- name: collect-set
SELECT sort_array(collect_set(city)) AS cities, size(collect_list(city)) AS n FROM people

-- name: collect-of-nothing
SELECT collect_list(age) AS l, collect_set(age) AS s FROM people WHERE false

-- name: array-agg
SELECT sort_array(array_agg(age)) AS ages FROM people

-- name: collect-structs
SELECT sort_array(collect_list(struct(quantity, product))) AS s FROM sales WHERE shop = 'west'

-- name: listagg
SELECT shop, listagg(product, ',') WITHIN GROUP (ORDER BY product, id) AS products FROM sales GROUP BY shop

-- name: string-agg-distinct
SELECT string_agg(DISTINCT product) WITHIN GROUP (ORDER BY product) AS products FROM sales

-- name: histogram-numeric
SELECT size(histogram_numeric(quantity, 3)) AS buckets FROM sales

-- name: product-by-logarithm
SELECT round(exp(sum(ln(quantity))), 6) AS product FROM sales WHERE quantity > 0

-- name: grouping-sets
SELECT shop, product, sum(quantity) AS q FROM sales GROUP BY GROUPING SETS ((shop, product), (shop), ())

-- name: rollup
SELECT shop, product, sum(quantity) AS q FROM sales GROUP BY ROLLUP (shop, product)

-- name: rollup-with-keyword
SELECT shop, product, count(*) AS n FROM sales GROUP BY shop, product WITH ROLLUP

-- name: cube
SELECT shop, product, sum(quantity) AS q FROM sales GROUP BY CUBE (shop, product)

-- name: cube-with-keyword
SELECT shop, count(*) AS n FROM sales GROUP BY shop WITH CUBE

-- name: grouping-functions
SELECT shop, product, grouping(shop) AS gs, grouping(product) AS gp, grouping_id() AS g, grouping_id(shop, product) AS gg, count(*) AS n FROM sales GROUP BY CUBE (shop, product)

-- name: grouping-having
SELECT shop, sum(quantity) AS q FROM sales GROUP BY ROLLUP (shop) HAVING grouping(shop) = 1

-- name: grouping-sets-partial
SELECT day, shop, count(*) AS n FROM sales GROUP BY day, GROUPING SETS ((shop), ()) HAVING day < DATE '2024-01-03'

-- name: grouping-refused
SELECT grouping(shop) AS g FROM sales GROUP BY shop

-- name: pivot-values
SELECT * FROM (SELECT shop, product, quantity FROM sales) PIVOT (sum(quantity) FOR product IN ('tea', 'coffee', 'cocoa'))

-- name: pivot-aliases
SELECT * FROM (SELECT shop, product, quantity FROM sales) PIVOT (sum(quantity) FOR product IN ('tea' AS t, 'coffee' AS c))

-- name: pivot-two-aggregates
SELECT * FROM (SELECT shop, product, quantity FROM sales) PIVOT (sum(quantity) AS s, count(*) AS n FOR product IN ('tea', 'cocoa'))

-- name: pivot-two-columns
SELECT * FROM (SELECT shop, product, day, quantity FROM sales) PIVOT (sum(quantity) FOR (product, day) IN (('tea', DATE '2024-01-01') AS t1, ('cocoa', DATE '2024-01-02') AS c2))

-- name: unpivot
SELECT * FROM (SELECT id, age, manager FROM people) UNPIVOT (value FOR field IN (age, manager))

-- name: unpivot-include-nulls
SELECT * FROM (SELECT id, age, manager FROM people) UNPIVOT INCLUDE NULLS (value FOR field IN (age AS a, manager AS m))

-- name: unpivot-several
SELECT * FROM (SELECT id, age, manager, length(name) AS n, 0 AS z FROM people WHERE id < 3) UNPIVOT ((x, y) FOR pair IN ((age, manager) AS first, (n, z) AS second))

-- name: distinct-and-plain-aggregates
SELECT shop, count(DISTINCT product) AS d, sum(quantity) AS s, count(*) AS n FROM sales GROUP BY shop

-- name: two-distinct-aggregates
SELECT count(DISTINCT shop) AS shops, count(DISTINCT product) AS products, sum(DISTINCT quantity) AS q FROM sales

-- name: try-sum-try-avg
SELECT try_sum(big) AS s, try_avg(whole) AS a FROM extremes WHERE id IN (2, 7)

-- name: aggregate-of-case
SELECT sum(CASE WHEN active THEN 1 ELSE 0 END) AS actives, avg(if(age > 30, 1, 0)) AS share FROM people

-- name: aggregate-of-dates
SELECT min(day) AS first, max(day) AS last, datediff(max(day), min(day)) AS days, count(DISTINCT day) AS n FROM sales

-- name: aggregate-of-intervals
SELECT sum(x) AS s, avg(x) AS a FROM VALUES (INTERVAL '1' DAY), (INTERVAL '12' HOUR) AS t(x)

-- name: aggregate-same-twice
SELECT sum(quantity) AS a, sum(quantity) AS b, sum(quantity) + 1 AS c FROM sales
