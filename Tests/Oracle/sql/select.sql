-- Projection, conditions, expressions, names and literals.

-- name: select-all
SELECT * FROM people

-- name: select-columns
SELECT name, age FROM people

-- name: select-qualified-columns
SELECT people.name, p2.age FROM people JOIN people AS p2 ON people.id = p2.id

-- name: select-all-of-an-alias
SELECT p.* FROM people p WHERE p.id < 3

-- name: select-star-except
SELECT * EXCEPT (salary, joined) FROM people

-- name: select-star-with-others
SELECT id + 100 AS code, * FROM shops CROSS JOIN (SELECT 1 AS id)

-- name: select-expression-alias
SELECT name, age + 1 AS next, age * 2 doubled FROM people

-- name: select-without-from
SELECT 1 AS one, 'two' AS two, 3.0 AS three

-- name: select-literal-types
SELECT 1 AS i, 1L AS l, 1S AS s, 1Y AS t, 1.5 AS dec, 1.5D AS d, 1.5F AS f, 1.5BD AS bd, 1e3 AS e, 'x' AS str, true AS b, NULL AS n, X'1F' AS bin

-- name: select-literal-dates
SELECT DATE '2024-02-29' AS d, TIMESTAMP '2024-02-29 10:11:12.5' AS t, TIMESTAMP_NTZ '2024-02-29 10:11:12' AS n

-- name: select-literal-dates-with-zone
SELECT TIMESTAMP '2024-02-29 10:11:12+02:00' AS t, TIMESTAMP '2024-02-29T10:11:12Z' AS z, TIMESTAMP '2024-07-01 00:00:00 Europe/Berlin' AS b

-- name: select-literal-intervals
SELECT INTERVAL '1-2' YEAR TO MONTH AS ym, INTERVAL '1 02:03:04.5' DAY TO SECOND AS ds, INTERVAL 3 DAYS AS d, INTERVAL 2 HOURS 30 MINUTES AS hm, INTERVAL 18 MONTHS AS m

-- name: select-literal-wide-numbers
SELECT 2147483648 AS big, 9223372036854775808 AS huge, 123456789012345678901234567890.12 AS wide, -2147483648 AS least

-- name: select-literal-out-of-range
SELECT 128Y AS t

-- name: select-literal-bad-date
SELECT DATE '2024-02-30' AS d

-- name: select-negative-literals
SELECT -1 AS a, - 1.5 AS b, -(-3) AS c, +4 AS d

-- name: select-distinct
SELECT DISTINCT city FROM people

-- name: select-distinct-several
SELECT DISTINCT shop, product FROM sales

-- name: select-distinct-of-nan-and-zero
SELECT DISTINCT CASE WHEN id = 1 THEN double('0.0') WHEN id = 5 THEN double('-0.0') ELSE double('NaN') END = 0 AS zero FROM extremes

-- name: where-comparison
SELECT name FROM people WHERE age > 30

-- name: where-equal-forms
SELECT id, age = 28 AS a, age == 28 AS b, age <> 28 AS c, age != 28 AS d FROM people

-- name: where-and-or-not
SELECT name FROM people WHERE (age > 30 OR city = 'London') AND NOT active

-- name: where-null-is-not-true
SELECT name FROM people WHERE age > 30 = false

-- name: where-between
SELECT id FROM people WHERE age BETWEEN 28 AND 36

-- name: where-not-between
SELECT id FROM people WHERE age NOT BETWEEN 28 AND 36

-- name: where-between-dates
SELECT id FROM people WHERE joined BETWEEN DATE '2019-01-01' AND DATE '2021-12-31'

-- name: where-between-reversed
SELECT id FROM people WHERE age BETWEEN 36 AND 28

-- name: where-in
SELECT id FROM people WHERE city IN ('London', 'Lyon')

-- name: where-not-in-with-null
SELECT id FROM people WHERE city NOT IN ('London', NULL)

-- name: where-in-of-null
SELECT id, age IN (28, NULL) AS found FROM people

-- name: where-in-tuples
SELECT id FROM sales WHERE (shop, product) IN (('north', 'tea'), ('west', 'cocoa'))

-- name: where-string-date-comparison
SELECT id FROM people WHERE joined >= '2021-01-01'

-- name: where-string-number-comparison
SELECT id FROM extremes WHERE id <> 5 AND text = '42' AND try_cast(text AS INT) = whole

-- name: where-boolean-column
SELECT name FROM people WHERE active

-- name: where-not-boolean
SELECT 1 AS x FROM people WHERE age

-- name: where-false
SELECT id FROM people WHERE false

-- name: where-aggregate-refused
SELECT id FROM people WHERE count(*) > 1

-- name: where-alias-refused
SELECT age + 1 AS next FROM people WHERE next > 30

-- name: lateral-column-alias
SELECT age + 1 AS next, next * 2 AS double_next FROM people WHERE age IS NOT NULL

-- name: select-unknown-column
SELECT nmae FROM people

-- name: select-unknown-table
SELECT * FROM persons

-- name: select-unknown-function
SELECT uper(name) FROM people

-- name: select-ambiguous-column
SELECT k FROM lefts JOIN rights ON lefts.k = rights.k

-- name: select-syntax-error
SELEC name FROM people

-- name: select-syntax-error-at-the-end
SELECT name FROM people WHERE

-- name: select-wrong-number-of-arguments
SELECT upper(name, city) FROM people

-- name: select-wrong-argument-type
SELECT abs(DATE '2024-01-01') AS x

-- name: select-case-insensitive-names
SELECT NAME, Age FROM PEOPLE WHERE ID = 1

-- name: quote-backticks
SELECT `name` AS `full name`, `age` AS `a``b` FROM `people` WHERE `id` = 1

-- name: quote-double-quoted-string
SELECT "it's" AS a, 'say "hi"' AS b

-- name: quote-adjacent-strings
SELECT 'a' 'b' AS joined_text

-- name: quote-escapes
SELECT 'a\tb' AS tab, 'a\nb' AS newline, 'a\\b' AS backslash, 'a\'b' AS quote, '\u00e9' AS unicode, 'a\%b' AS percent

-- name: quote-doubled-quote
SELECT 'it''s' AS a

-- name: quote-raw-string
SELECT r'a\tb' AS raw

-- name: quote-comments
SELECT 1 /* a comment */ AS a, 2 AS b -- another
FROM people WHERE id = 1

-- name: values-inline
SELECT * FROM VALUES (1, 'a'), (2, NULL) AS t(x, y)

-- name: values-statement
VALUES (1, 'a'), (2, 'b')

-- name: values-common-type
SELECT * FROM VALUES (1), (2.5), (NULL) AS t(x)

-- name: values-single-column
SELECT col1 + 1 AS y FROM VALUES 1, 2, 3

-- name: range-function
SELECT id * 2 AS twice FROM range(3)

-- name: range-with-step
SELECT * FROM range(10, 0, -4)

-- name: order-ascending
-- ordered
SELECT id, age FROM people ORDER BY age, id

-- name: order-descending
-- ordered
SELECT id, age FROM people ORDER BY age DESC, id

-- name: order-nulls-last
-- ordered
SELECT id, age FROM people ORDER BY age NULLS LAST, id

-- name: order-descending-nulls-first
-- ordered
SELECT id, age FROM people ORDER BY age DESC NULLS FIRST, id DESC

-- name: order-by-position
-- ordered
SELECT name, id FROM people ORDER BY 2 DESC

-- name: order-by-alias
-- ordered
SELECT id, -id AS minus FROM people ORDER BY minus

-- name: order-by-expression
-- ordered
SELECT name FROM people ORDER BY length(name), name

-- name: order-by-hidden-column
-- ordered
SELECT name FROM people ORDER BY id DESC

-- name: order-strings-by-bytes
-- ordered
SELECT name FROM people ORDER BY name

-- name: order-doubles-with-nan
-- ordered
SELECT id, real FROM extremes WHERE id NOT IN (1, 5) ORDER BY real

-- name: order-booleans
-- ordered
SELECT flag, id FROM extremes ORDER BY flag DESC, id

-- name: order-binary
-- ordered
SELECT id, hex(bytes) AS h FROM extremes ORDER BY bytes, id

-- name: order-arrays
-- ordered
SELECT id, numbers FROM nested ORDER BY numbers

-- name: order-structs
-- ordered
SELECT id, person FROM nested ORDER BY person DESC

-- name: order-maps-refused
SELECT id FROM nested ORDER BY scores

-- name: order-by-position-out-of-range
SELECT name FROM people ORDER BY 3

-- name: order-by-all
-- ordered
SELECT age, name FROM people ORDER BY ALL

-- name: limit
-- ordered
SELECT id FROM people ORDER BY id LIMIT 3

-- name: limit-zero
SELECT id, name FROM people LIMIT 0

-- name: limit-all
SELECT id FROM shops, people LIMIT ALL

-- name: limit-offset
-- ordered
SELECT id FROM people ORDER BY id LIMIT 2 OFFSET 3

-- name: offset-alone
-- ordered
SELECT id FROM people ORDER BY id OFFSET 6

-- name: offset-past-the-end
SELECT id FROM people ORDER BY id OFFSET 100

-- name: limit-expression
-- ordered
SELECT id FROM people ORDER BY id LIMIT 1 + 1

-- name: limit-negative
SELECT id FROM people LIMIT -1

-- name: empty-table
SELECT id, name FROM people WHERE id > 1000
