-- Arithmetic, overflow, null logic, conditions, casts and try_ functions.

-- name: arithmetic-int
SELECT 7 + 2 AS a, 7 - 2 AS s, 7 * 2 AS m, 7 / 2 AS d, 7 % 2 AS r, 7 DIV 2 AS q

-- name: arithmetic-negative
SELECT -7 % 3 AS r, -7 DIV 2 AS q, mod(-7, 3) AS m, pmod(-7, 3) AS p, 7 % -3 AS n

-- name: arithmetic-division-is-double
SELECT 6 / 3 AS d, typeof(6 / 3) AS t, 1L / 4 AS l

-- name: arithmetic-types
SELECT typeof(1Y + 1Y) AS t, typeof(1S + 1) AS i, typeof(1 + 1L) AS l, typeof(1 + 1.5D) AS d, typeof(1F + 1) AS f, typeof(1L + 1F) AS x, typeof(1 DIV 1) AS q

-- name: arithmetic-decimal-types
SELECT 1.25 + 2.5 AS a, 1.25 * 2.5 AS m, 1.25 / 2.5 AS d, 1.25 % 0.5 AS r, 1.5 + 1 AS i, typeof(1.5 * 2) AS t

-- name: arithmetic-decimal-and-double
SELECT 1.5 + 1D AS x, typeof(1.5 + 1D) AS t, typeof(1.5 + 1F) AS f

-- name: arithmetic-decimal-column
SELECT id, salary * 1.1 AS raised, salary / 12 AS monthly, salary % 100 AS rest FROM people

-- name: arithmetic-decimal-wide
SELECT CAST(1 AS DECIMAL(38,10)) / CAST(3 AS DECIMAL(38,10)) AS q, CAST(12345678901234567890 AS DECIMAL(38,5)) * CAST(2 AS DECIMAL(10,5)) AS m

-- name: arithmetic-with-null
SELECT 1 + NULL AS a, NULL * 2 AS m, NULL / 0 AS d, -CAST(NULL AS INT) AS n

-- name: arithmetic-on-strings
SELECT '3' + 4 AS a, 2 * '4' AS m, '12' - 1.5 AS d, '7' / 2 AS q, -'3' AS n

-- name: arithmetic-of-two-strings-refused
SELECT '3' * '4' AS m

-- name: arithmetic-on-fraction-string-and-int
SELECT '2.5' + 1 AS d

-- name: arithmetic-on-fraction-string
SELECT '2.5' + 1D AS d

-- name: arithmetic-on-malformed-string
SELECT 'x' + 1 AS a

-- name: arithmetic-on-boolean
SELECT true + 1 AS a

-- name: division-by-zero
SELECT 1 / 0 AS d

-- name: division-by-zero-double
SELECT 1D / 0D AS d

-- name: division-by-zero-column
SELECT quantity / (quantity - 3) AS d FROM sales WHERE quantity IS NOT NULL

-- name: division-zero-in-untaken-branch
SELECT CASE WHEN quantity = 3 THEN NULL ELSE 1 / (quantity - 3) END AS d FROM sales WHERE quantity > 2

-- name: div-by-zero
SELECT 1 DIV 0 AS d

-- name: modulo-by-zero
SELECT 1 % 0 AS d

-- name: pmod-by-zero
SELECT pmod(1, 0) AS d

-- name: null-divided-by-zero
SELECT CAST(NULL AS INT) / 0 AS d, CAST(NULL AS INT) % 0 AS r

-- name: decimal-division-by-zero
SELECT 1.0 / 0.0 AS d

-- name: overflow-add-int
SELECT 2147483647 + 1 AS x

-- name: overflow-add-bigint
SELECT 9223372036854775807 + 1 AS x

-- name: overflow-add-tinyint
SELECT 127Y + 1Y AS x

-- name: overflow-column
SELECT whole + 1 AS x FROM extremes

-- name: overflow-subtract
SELECT -2147483648 - 1 AS x

-- name: overflow-multiply
SELECT 9223372036854775807 * 2 AS x

-- name: overflow-negate
SELECT -whole AS x FROM extremes WHERE id = 3

-- name: overflow-abs
SELECT abs(big) AS x FROM extremes WHERE id = 3

-- name: overflow-div
SELECT big DIV -1 AS x FROM extremes WHERE id = 3

-- name: overflow-decimal
SELECT CAST('99999999999999999999999999999999999999' AS DECIMAL(38,0)) + 1 AS x

-- name: overflow-of-mixed-types
SELECT 127Y + 1 AS i, 2147483647 + 1L AS l, 2147483647 * 2D AS d

-- name: overflow-double
SELECT 1e308 * 10 AS x, -1e308 * 10 AS y

-- name: double-specials
SELECT double('NaN') + 1 AS n, double('Infinity') - double('Infinity') AS i, double('NaN') = double('NaN') AS e, double('NaN') > double('Infinity') AS g

-- name: double-negative-zero
SELECT id, real = 0 AS zero, real <=> 0D AS safe, real < 0 AS less FROM extremes WHERE id IN (1, 5)

-- name: double-precision
SELECT 0.1D + 0.2D AS x, 0.1 + 0.2 AS y, 0.1F + 0.2F AS z

-- name: int-to-double-precision
SELECT 9007199254740993 = 9007199254740992D AS x, CAST(9007199254740993 AS DOUBLE) AS d

-- name: unary-operators
SELECT -age AS m, +age AS p, ~age AS n, NOT active AS f FROM people WHERE id < 4

-- name: bit-operators
SELECT 12 & 10 AS a, 12 | 10 AS o, 12 ^ 10 AS x, ~12 AS n

-- name: bit-shifts
SELECT shiftleft(1, 4) AS l, shiftright(-16, 2) AS r, shiftrightunsigned(-16, 28) AS u, 1 << 33 AS over, 8L << 33 AS big, -8 >> 1 AS s, -8 >>> 28 AS t

-- name: bit-functions
SELECT bit_count(255) AS c, bit_count(-1L) AS m, bit_get(5, 0) AS b0, getbit(5, 1) AS b1, bit_count(true) AS t

-- name: operator-precedence
SELECT 1 + 2 * 3 AS a, (1 + 2) * 3 AS b, 10 - 4 - 3 AS c, 2 * 3 % 4 AS d, 1 | 2 & 3 AS e, NOT true AND false AS f

-- name: comparison-of-types
SELECT 1 = 1.0 AS a, 1 < 1.5D AS b, '10' > 9 AS c, '10' > '9' AS d, true = 'true' AS e, DATE '2024-01-01' < TIMESTAMP '2024-01-01 00:00:01' AS f

-- name: comparison-malformed-string
SELECT 'ten' > 9 AS c

-- name: comparison-arrays-structs
SELECT array(1, 2) < array(1, 3) AS a, struct(1, 'b') > struct(1, 'a') AS s, array(1) = array(1.0D) AS e

-- name: comparison-maps-refused
SELECT map(1, 2) = map(1, 2) AS m

-- name: null-comparison
SELECT NULL = NULL AS a, NULL <> 1 AS b, NULL < 1 AS c, NULL <=> NULL AS d, 1 <=> NULL AS e, 1 <=> 1 AS f

-- name: null-safe-equal-column
SELECT id, city <=> NULL AS missing FROM people

-- name: null-logic-and
SELECT true AND NULL AS a, false AND NULL AS b, NULL AND NULL AS c

-- name: null-logic-or
SELECT true OR NULL AS a, false OR NULL AS b, NOT CAST(NULL AS BOOLEAN) AS c

-- name: null-tests
SELECT id, city IS NULL AS n, city IS NOT NULL AS p, isnull(age) AS f, isnotnull(age) AS g FROM people

-- name: boolean-tests
SELECT id, active IS TRUE AS t, active IS FALSE AS f, active IS NOT TRUE AS nt, active IS UNKNOWN AS u FROM people

-- name: distinct-from
SELECT id, city IS DISTINCT FROM 'London' AS d, city IS NOT DISTINCT FROM NULL AS n FROM people

-- name: coalesce
SELECT id, coalesce(city, name, 'x') AS c, coalesce(NULL, age, 0) AS a FROM people

-- name: coalesce-types
SELECT coalesce(NULL, 1, 2.5) AS x, coalesce(1, 2L) AS y, coalesce(NULL, NULL) AS z

-- name: nvl-family
SELECT nvl(NULL, 1) AS n, nvl2(NULL, 1, 2) AS n2, ifnull(NULL, 'a') AS i, nullif(1, 1) AS u, nullif(1, 2) AS v, nullifzero(0) AS z, zeroifnull(NULL) AS y

-- name: nanvl
SELECT id, nanvl(real, 0.5D) AS x FROM extremes

-- name: isnan
SELECT id, isnan(real) AS n FROM extremes

-- name: equal-null
SELECT equal_null(NULL, NULL) AS a, equal_null(1, NULL) AS b, equal_null(1, 1) AS c

-- name: case-searched
SELECT name, CASE WHEN age < 30 THEN 'young' WHEN age < 40 THEN 'middle' ELSE 'old' END AS class FROM people

-- name: case-simple
SELECT name, CASE city WHEN 'London' THEN 1 WHEN 'Lyon' THEN 2 END AS code FROM people

-- name: case-types
SELECT CASE WHEN id = 1 THEN 1 ELSE 2.5 END AS x, CASE WHEN id = 1 THEN NULL ELSE DATE '2024-01-01' END AS d FROM people WHERE id < 3

-- name: case-incompatible
SELECT CASE WHEN id = 1 THEN 1 ELSE array(1) END AS x FROM people

-- name: case-string-and-int
SELECT CASE WHEN id = 1 THEN 'x' ELSE 1 END AS x FROM people WHERE id = 1

-- name: if-function
SELECT if(age > 30, name, 'x') AS a FROM people

-- name: decode
SELECT decode(id, 1, 'one', 2, 'two', 'many') AS a, decode(city, NULL, 'none', 'Lyon', 'L') AS b FROM people

-- name: greatest-least
SELECT greatest(1, 3, 2) AS g, least(1, 3, 2) AS l, greatest(NULL, 1) AS n, greatest('b', 'a') AS s, greatest(1, 2.5) AS d, least(double('NaN'), 1D) AS x

-- name: greatest-of-columns
SELECT id, greatest(age, manager, 30) AS g, least(age, manager) AS l FROM people

-- name: cast-string-to-int
SELECT CAST('42' AS INT) AS a, CAST(' 42 ' AS INT) AS b, CAST('-7' AS BIGINT) AS c, CAST('+5' AS SMALLINT) AS d

-- name: cast-string-to-int-malformed
SELECT CAST('4x' AS INT) AS a

-- name: cast-string-to-int-fraction
SELECT CAST('4.7' AS INT) AS a

-- name: cast-string-to-int-too-big
SELECT CAST('2147483648' AS INT) AS a

-- name: cast-empty-string-to-int
SELECT CAST('' AS INT) AS a

-- name: cast-string-to-double
SELECT CAST('1.5' AS DOUBLE) AS a, CAST('1e3' AS DOUBLE) AS b, CAST('NaN' AS DOUBLE) AS c, CAST('Infinity' AS DOUBLE) AS d, CAST('-inf' AS DOUBLE) AS e, CAST(' 2 ' AS FLOAT) AS f

-- name: cast-string-to-decimal
SELECT CAST('1.255' AS DECIMAL(10,2)) AS a, CAST('-1.255' AS DECIMAL(10,2)) AS b, CAST('1e2' AS DECIMAL(10,2)) AS c

-- name: cast-string-to-decimal-too-big
SELECT CAST('12345.6' AS DECIMAL(5,2)) AS a

-- name: cast-string-to-boolean
SELECT CAST('true' AS BOOLEAN) AS a, CAST('F' AS BOOLEAN) AS b, CAST('yes' AS BOOLEAN) AS c, CAST('0' AS BOOLEAN) AS d, CAST('Y' AS BOOLEAN) AS e

-- name: cast-string-to-boolean-malformed
SELECT CAST('maybe' AS BOOLEAN) AS a

-- name: cast-string-to-date
SELECT CAST('2024-02-29' AS DATE) AS a, CAST('2024-2-9' AS DATE) AS b, CAST('2024' AS DATE) AS c, CAST('2024-05' AS DATE) AS d, CAST(' 2024-01-01 10:00:00 ' AS DATE) AS e

-- name: cast-string-to-date-malformed
SELECT CAST('2024-13-01' AS DATE) AS a

-- name: cast-string-to-date-impossible
SELECT CAST('2023-02-29' AS DATE) AS a

-- name: cast-string-to-timestamp
SELECT CAST('2024-02-29 10:11:12.123456' AS TIMESTAMP) AS a, CAST('2024-02-29' AS TIMESTAMP) AS b, CAST('2024-02-29T10:11:12Z' AS TIMESTAMP) AS c, CAST('2024-02-29 10:11:12 +01:00' AS TIMESTAMP) AS d, CAST('2024-1-2 3:4:5' AS TIMESTAMP) AS e

-- name: cast-string-to-timestamp-malformed
SELECT CAST('2024-02-29 25:00:00' AS TIMESTAMP) AS a

-- name: cast-double-to-int
SELECT CAST(1.9D AS INT) AS a, CAST(-1.9D AS INT) AS b, CAST(2.5 AS INT) AS c, CAST(1e10D AS BIGINT) AS d

-- name: cast-double-to-int-overflow
SELECT CAST(1e10D AS INT) AS a

-- name: cast-nan-to-int
SELECT CAST(double('NaN') AS INT) AS a

-- name: cast-bigint-to-int-overflow
SELECT CAST(big AS INT) AS x FROM extremes WHERE id = 2

-- name: cast-int-to-tinyint-overflow
SELECT CAST(300 AS TINYINT) AS x

-- name: cast-int-to-others
SELECT CAST(65 AS STRING) AS s, CAST(1 AS BOOLEAN) AS b, CAST(0 AS BOOLEAN) AS z, CAST(5 AS DECIMAL(5,2)) AS d, CAST(5 AS DOUBLE) AS f, CAST(7 AS TINYINT) AS t

-- name: cast-int-to-decimal-too-small
SELECT CAST(1000 AS DECIMAL(5,2)) AS d

-- name: cast-decimal-to-others
SELECT CAST(1.55 AS DECIMAL(3,1)) AS r, CAST(1.45 AS DECIMAL(3,1)) AS h, CAST(-1.55 AS DECIMAL(3,1)) AS n, CAST(12.7 AS BIGINT) AS i, CAST(12.70 AS STRING) AS s, CAST(12.5 AS DOUBLE) AS d

-- name: cast-double-to-decimal
SELECT CAST(0.125D AS DECIMAL(5,2)) AS a, CAST(1.005D AS DECIMAL(5,2)) AS b

-- name: cast-double-to-string
SELECT CAST(1.0D AS STRING) AS a, CAST(1.5e10D AS STRING) AS b, CAST(123456789.123D AS STRING) AS c, CAST(1e-5D AS STRING) AS d, CAST(0.001D AS STRING) AS e, CAST(1e7D AS STRING) AS f, CAST(9999999D AS STRING) AS g, CAST(-0.0D AS STRING) AS h

-- name: cast-columns-to-string
SELECT id, CAST(single AS STRING) AS f, CAST(real AS STRING) AS d, CAST(exact AS STRING) AS e, CAST(flag AS STRING) AS b, CAST(day AS STRING) AS day, CAST(at AS STRING) AS at, CAST(local AS STRING) AS local FROM extremes

-- name: cast-boolean-to-others
SELECT CAST(true AS INT) AS i, CAST(false AS DOUBLE) AS d, CAST(true AS STRING) AS s, CAST(true AS DECIMAL(3,1)) AS e

-- name: cast-date-to-others
SELECT CAST(DATE '2024-02-29' AS STRING) AS s, CAST(DATE '2024-02-29' AS TIMESTAMP) AS t

-- name: cast-date-to-int-refused
SELECT CAST(DATE '2024-02-29' AS INT) AS i

-- name: cast-timestamp-to-others
SELECT CAST(TIMESTAMP '2024-02-29 10:11:12.9' AS DATE) AS d, CAST(TIMESTAMP '2024-02-29 10:11:12.9' AS BIGINT) AS l, CAST(TIMESTAMP '1969-12-31 23:59:58.5' AS BIGINT) AS n, CAST(TIMESTAMP '2024-02-29 10:11:12.5' AS DOUBLE) AS f, CAST(TIMESTAMP '2024-02-29 10:11:12.500' AS STRING) AS s

-- name: cast-number-to-timestamp
SELECT CAST(1709201472 AS TIMESTAMP) AS l, CAST(1709201472.5D AS TIMESTAMP) AS d

-- name: cast-binary
SELECT CAST(X'616263' AS STRING) AS s, CAST('abc' AS BINARY) AS b

-- name: cast-int-to-binary-refused
SELECT CAST(1.5D AS BINARY) AS b

-- name: cast-arrays
SELECT CAST(array('1', '2') AS ARRAY<INT>) AS a, CAST(array(1, NULL) AS ARRAY<STRING>) AS s, CAST(map('a', '1') AS MAP<STRING, INT>) AS m

-- name: cast-structs
SELECT CAST(named_struct('x', 1, 'y', '2') AS STRUCT<a: STRING, b: INT>) AS s

-- name: cast-collections-to-string
SELECT CAST(array(1, NULL, 3) AS STRING) AS a, CAST(map('k', 1.5, 'n', NULL) AS STRING) AS m, CAST(named_struct('x', 1, 'y', 'b') AS STRING) AS s, CAST(array('a', 'b c') AS STRING) AS t

-- name: cast-operator
SELECT '42'::INT AS a, 1::STRING || 'x' AS b, DATE '2024-01-01'::STRING AS c

-- name: cast-functions
SELECT int('4') AS i, bigint('5') AS l, double('1.5') AS d, string(12) AS s, boolean('true') AS b, date('2024-01-01') AS dt, decimal('12') AS e, tinyint(1) AS t, float('0.1') AS f, timestamp('2024-01-01') AS ts, binary('a') AS bin

-- name: cast-null
SELECT CAST(NULL AS INT) AS i, CAST(NULL AS STRING) AS s, typeof(CAST(NULL AS ARRAY<INT>)) AS t

-- name: cast-intervals
SELECT CAST('3' AS INTERVAL DAY) AS d, CAST(INTERVAL '1 2' DAY TO HOUR AS STRING) AS s, CAST(INTERVAL '5' HOUR AS INT) AS h, CAST('1-6' AS INTERVAL YEAR TO MONTH) AS y

-- name: try-cast
SELECT try_cast('x' AS INT) AS a, try_cast('12' AS INT) AS b, try_cast(300 AS TINYINT) AS c, try_cast('2024-02-30' AS DATE) AS d, try_cast('maybe' AS BOOLEAN) AS e, try_cast('1.5' AS INT) AS f

-- name: try-cast-column
SELECT id, try_cast(text AS INT) AS i FROM extremes

-- name: try-arithmetic
SELECT try_add(2147483647, 1) AS a, try_subtract(-2147483648, 1) AS s, try_multiply(9223372036854775807, 2) AS m, try_divide(1, 0) AS d, try_divide(7, 2) AS q, try_mod(7, 0) AS r, try_add(1, 2) AS ok

-- name: try-arithmetic-of-dates
SELECT try_add(DATE '2024-01-31', INTERVAL 1 MONTH) AS a, try_subtract(DATE '2024-01-01', 1) AS s, try_add(TIMESTAMP '2024-01-01 00:00:00', INTERVAL 1 DAY) AS t

-- name: try-others
SELECT try_element_at(array(1, 2), 5) AS e, try_to_number('$12', '99') AS n, try_to_timestamp('nonsense') AS t, try_to_binary('zz', 'hex') AS b, try_to_date('2024-99-01') AS d, try_parse_url('x y', 'HOST') AS u

-- name: try-variant
SELECT try_parse_json('{') AS v, try_variant_get(parse_json('{"a":"x"}'), '$.a', 'int') AS g

-- name: typeof
SELECT typeof(1) AS a, typeof('x') AS b, typeof(1.50) AS c, typeof(NULL) AS d, typeof(array(1L)) AS e, typeof(map('a', 1)) AS f, typeof(struct(1, 'x')) AS g, typeof(DATE '2024-01-01') AS h, typeof(INTERVAL '1' DAY) AS i, typeof(X'00') AS j

-- name: assert-true
SELECT assert_true(id > 0) AS x FROM people

-- name: assert-true-fails
SELECT assert_true(id > 1, 'id is one') AS x FROM people

-- name: raise-error
SELECT raise_error('stop') AS x

-- name: in-list-types
SELECT 1 IN (1.0, 2) AS a, '1' IN (1, 2) AS b, NULL IN (1) AS c, 1 IN (NULL, 1) AS d, 3 NOT IN (1, NULL) AS e

-- name: between-types
SELECT 2 BETWEEN 1.5 AND 3L AS a, 'b' BETWEEN 'a' AND 'c' AS b, NULL BETWEEN 1 AND 2 AS c, 5 BETWEEN NULL AND 2 AS d

-- name: width-bucket
SELECT width_bucket(5.3, 0.2, 10.6, 5) AS a, width_bucket(-2, 0, 10, 5) AS b, width_bucket(12, 0, 10, 5) AS c

-- name: current-things
SELECT typeof(current_date()) AS d, typeof(current_timestamp()) AS t, typeof(now()) AS n, current_timezone() AS z, current_database() AS db, typeof(localtimestamp()) AS l, current_catalog() AS c

-- name: current-without-parentheses
SELECT typeof(current_date) AS d, typeof(current_timestamp) AS t

-- name: random-with-types
SELECT typeof(rand()) AS r, typeof(randn(1)) AS n, typeof(uuid()) AS u, rand() < 1 AS l
