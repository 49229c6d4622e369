-- Functions that no other theme has, and rare forms of others.

-- name: function-aes
SELECT hex(aes_encrypt('Spark', '0000111122223333', 'ECB')) AS e, CAST(aes_decrypt(unhex('3CB85B64F83B4F1A1BB6C1BE2B84DDA1'), '0000111122223333', 'ECB') IS NULL AS STRING) AS d

-- name: function-aes-round-trip
SELECT CAST(aes_decrypt(aes_encrypt('Spark', '0000111122223333'), '0000111122223333') AS STRING) AS s, try_aes_decrypt(X'00', '0000111122223333') AS t

-- name: function-bitmaps
SELECT bitmap_bit_position(1) AS a, bitmap_bit_position(32769) AS b, bitmap_bucket_number(1) AS c, bitmap_bucket_number(32769) AS d, bitmap_count(X'1010') AS e, bitmap_count(X'FFFF') AS f

-- name: function-bitmap-aggregates
SELECT bitmap_count(bitmap_construct_agg(bitmap_bit_position(id))) AS n FROM people

-- name: function-sketches
SELECT hll_sketch_estimate(hll_sketch_agg(product)) AS n FROM sales

-- name: function-regression-sums
SELECT regr_sxx(price, quantity) AS xx, regr_sxy(price, quantity) AS xy, regr_syy(price, quantity) AS yy FROM sales

-- name: function-std
SELECT std(age) AS s, mean(age) AS m, approx_percentile(age, 0.5, 100) AS p FROM people

-- name: function-max-by-several
SELECT sort_array(max_by(name, age, 2)) AS oldest FROM people

-- name: function-first-value-aggregates
SELECT first_value(shop) AS f, last_value(shop) AS l, any_value(shop) AS a FROM sales WHERE shop = 'west'

-- name: function-mode-of-group
SELECT shop, mode(product) AS m FROM sales WHERE shop IN ('north', 'south') AND product <> 'coffee' GROUP BY shop

-- name: function-mode-within-group
SELECT mode() WITHIN GROUP (ORDER BY age) AS m, mode(age, true) AS d FROM people

-- name: function-count-min-sketch
SELECT length(hex(count_min_sketch(age, 0.5D, 0.5D, 1))) > 0 AS x FROM people

-- name: function-approx-top-k
SELECT approx_top_k(product, 1)[0].item AS top FROM sales WHERE product <> 'cocoa' OR shop = 'west'

-- name: function-collation
SELECT collate('a', 'UTF8_LCASE') = 'A' AS a, collation('a' COLLATE UNICODE) AS b

-- name: function-session
SELECT current_schema() AS s, typeof(current_user()) AS u, typeof(session_user()) AS t, typeof(user()) AS x, typeof(curdate()) AS d, typeof(version()) AS v, input_file_name() AS f

-- name: function-casts
SELECT smallint('7') AS s, float('1.5') AS f, int(2.9) AS i, string(DATE '2024-01-01') AS t

-- name: function-to-binary
SELECT to_binary('abc', 'utf-8') AS a, to_binary('537061726B', 'hex') AS b, to_binary('U3Bhcms=', 'base64') AS c

-- name: function-to-binary-malformed
SELECT to_binary('zz', 'hex') AS a

-- name: function-timestamp-kinds
SELECT to_timestamp_ltz('2024-01-01 10:00:00') AS l, to_timestamp_ntz('2024-01-01', 'yyyy-MM-dd') AS n, make_timestamp_ltz(2024, 2, 29, 10, 0, 0, 'Asia/Tokyo') AS m, date('2024-02-29') AS d

-- name: function-try-make
SELECT try_make_interval(2147483647) AS a, try_make_timestamp_ntz(2024, 2, 30, 0, 0, 0) AS b, try_make_timestamp_ltz(2024, 2, 29, 0, 0, 0) AS c

-- name: function-xpath
SELECT xpath_boolean('<a><b>1</b></a>', 'a/b') AS a, xpath_double('<a><b>1.5</b></a>', 'a/b') AS b, xpath_long('<a><b>7</b></a>', 'a/b') AS c, xpath_short('<a><b>3</b></a>', 'a/b') AS d, xpath_float('<a><b>2.5</b></a>', 'a/b') AS e, xpath_number('<a><b>x</b></a>', 'a/b') AS f

-- name: function-schema-of-xml
SELECT schema_of_xml('<p><a>1</a><b>x</b></p>') AS s

-- name: function-variant-parts
SELECT variant_get(parse_json('[1, 2]'), '$[1]', 'bigint') AS a, try_variant_get(parse_json('{"a":"x"}'), '$.a', 'string') AS b, to_json(parse_json('{"b":1,"a":[true]}')) AS c, typeof(parse_json('1')) AS d

-- name: function-variant-explode
SELECT key, pos, value::INT AS v FROM variant_explode(parse_json('{"a":1,"b":2}'))

-- name: function-to-variant
SELECT to_variant_object(named_struct('a', 1, 'b', array('x'))) AS v

-- name: function-uniform-and-text
SELECT length(randstr(5, 0)) AS n, typeof(uniform(0.0, 1.0)) AS t, uniform(5, 5, 1) AS u

-- name: function-regexp-names
SELECT regexp('abc', 'b') AS a, regexp_like('abc', '^b') AS b, 'abc' REGEXP 'c$' AS c

-- name: function-operators-as-functions
SELECT mod(7, 2) AS m, positive(-3) AS p, negative(3) AS n, sign(-2.5D) AS s, pmod(-1, 5) AS q, shiftleft(3, 2) AS l

-- name: function-interval-parts
SELECT extract(DAY FROM INTERVAL '3 04:05:06.789' DAY TO SECOND) AS d, extract(SECOND FROM INTERVAL '3 04:05:06.789' DAY TO SECOND) AS s, extract(MONTH FROM INTERVAL '1-5' YEAR TO MONTH) AS m, extract(YEAR FROM INTERVAL '1-5' YEAR TO MONTH) AS y

-- name: function-date-diffs
SELECT date_diff('2024-02-01', '2024-01-31') AS a, dateadd(DAY, 3, DATE '2024-02-27') AS b, timestampdiff(QUARTER, TIMESTAMP '2023-01-01 00:00:00', TIMESTAMP '2024-01-01 00:00:00') AS c, timestampadd(MICROSECOND, 1, TIMESTAMP '2024-01-01 00:00:00') AS d

-- name: function-array-names
SELECT array_size(array(1, 2)) AS a, cardinality(map('a', 1)) AS b, array_agg(id) IS NOT NULL AS c, reduce(array(1, 2), 0, (s, x) -> s + x) AS d FROM shops CROSS JOIN (SELECT 1 AS id)

-- name: function-map-from-entries
SELECT map_from_entries(array(struct(1, 'a'), struct(2, 'b'))) AS m, map_contains_key(map('a', 1), 'b') AS c, element_at(map(1, 'a'), 1) AS e

-- name: function-equality-of-nulls
SELECT equal_null('a', NULL) AS a, nullif('a', 'a') AS b, nvl2(1, 'x', 'y') AS c, zeroifnull(5) AS d, nullifzero(5) AS e

-- name: function-encodings
SELECT base64('a') AS a, unbase64('YQ==') AS b, hex(encode('a', 'UTF-16LE')) AS c, url_decode('%41') AS d, unhex('41') AS e

-- name: function-decode-malformed-url
SELECT url_decode('%zz') AS d

-- name: function-names-are-case-insensitive
SELECT UPPER('a') AS a, Concat('a', 'b') AS b, COUNT_IF(true) AS c

-- name: function-with-named-arguments
SELECT mask(str => 'aB1', lowerChar => 'q') AS m

-- name: function-distinct-refused
SELECT upper(DISTINCT name) AS x FROM people

-- name: function-star-refused
SELECT sum(*) AS x FROM lefts

-- name: function-aggregate-in-where
SELECT id FROM people WHERE max(age) > 3

-- name: function-filter-on-scalar-refused
SELECT upper(name) FILTER (WHERE id > 1) AS x FROM people

-- name: function-too-few-arguments
SELECT replace('a') AS x

-- name: function-wrong-types
SELECT date_add('2024-01-01', 'x') AS x

-- name: function-sequence-of-wrong-types
SELECT sequence('a', 'b') AS x
