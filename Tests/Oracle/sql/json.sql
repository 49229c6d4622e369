-- JSON, CSV and variant functions.

-- name: get-json-object
SELECT id, get_json_object(json, '$.user') AS u, get_json_object(json, '$.age') AS a, get_json_object(json, '$.address.city') AS c FROM documents

-- name: get-json-object-arrays
SELECT id, get_json_object(json, '$.tags') AS t, get_json_object(json, '$.tags[0]') AS f, get_json_object(json, '$.tags[1].x[1]') AS x, get_json_object(json, '$.tags[*]') AS w FROM documents WHERE id < 6

-- name: get-json-object-root
SELECT id, get_json_object(json, '$') AS r, get_json_object(json, '$[2].a') AS e FROM documents

-- name: get-json-object-quoted-path
SELECT get_json_object('{"a b":1,"c.d":{"e":2}}', "$['a b']") AS a, get_json_object('{"c.d":{"e":2}}', "$['c.d'].e") AS b, get_json_object('{"a":1}', 'a') AS c

-- name: get-json-object-values
SELECT get_json_object('{"a":1.50}', '$.a') AS a, get_json_object('{"a":true}', '$.a') AS b, get_json_object('{"a":null}', '$.a') AS c, get_json_object('{"a":{"b":[1, 2]}}', '$.a') AS d, get_json_object('{"a":"x\\ny"}', '$.a') AS e

-- name: json-tuple
SELECT id, json_tuple(json, 'user', 'age', 'nothing') AS (u, a, n) FROM documents

-- name: from-json
SELECT id, from_json(json, 'user STRING, age INT, tags ARRAY<STRING>') AS j FROM documents

-- name: from-json-fields
SELECT id, j.user AS u, j.score AS s, j.ok AS o FROM (SELECT id, from_json(json, 'user STRING, score DOUBLE, ok BOOLEAN') AS j FROM documents)

-- name: from-json-nested
SELECT from_json('{"a":{"b":[{"c":1},{"c":null}]}}', 'a STRUCT<b: ARRAY<STRUCT<c: INT>>>') AS j

-- name: from-json-types
SELECT from_json('{"d":"2024-02-29","t":"2024-02-29T10:00:00Z","n":1.25,"b":"x"}', 'd DATE, t TIMESTAMP, n DECIMAL(5,2), b STRING') AS j

-- name: from-json-wrong-type
SELECT from_json('{"a":"x","b":2}', 'a INT, b INT') AS j

-- name: from-json-failfast
SELECT from_json('{"a":"x"}', 'a INT', map('mode', 'FAILFAST')) AS j

-- name: from-json-timestamp-format
SELECT from_json('{"d":"29/02/2024"}', 'd DATE', map('dateFormat', 'dd/MM/yyyy')) AS j

-- name: from-json-array-and-map
SELECT from_json('[1,2]', 'ARRAY<INT>') AS a, from_json('{"x":1,"y":2}', 'MAP<STRING, INT>') AS m, from_json('[{"a":1}]', 'ARRAY<STRUCT<a: INT>>') AS s

-- name: from-json-case-of-names
SELECT from_json('{"User":"x"}', 'user STRING') AS j

-- name: from-json-malformed-schema
SELECT from_json('{}', 'a NONSENSE') AS j

-- name: to-json
SELECT to_json(named_struct('a', 1, 'b', 'x')) AS a, to_json(array(1, 2)) AS b, to_json(map('k', 1.5)) AS c, to_json(named_struct('n', NULL, 'd', DATE '2024-01-01', 't', TIMESTAMP '2024-01-01 10:00:00.5')) AS d

-- name: to-json-of-columns
SELECT id, to_json(struct(name, age, salary, joined, active)) AS j FROM people

-- name: to-json-nested
SELECT id, to_json(struct(numbers, tags, person, visits)) AS j FROM nested

-- name: to-json-specials
SELECT to_json(named_struct('q', 'a"b\\c\n', 'u', 'é', 'd', 1.0D, 'e', 1e20D, 'b', X'00FF')) AS j

-- name: to-json-options
SELECT to_json(named_struct('d', DATE '2024-02-29'), map('dateFormat', 'dd.MM.yyyy')) AS j, to_json(named_struct('n', NULL), map('ignoreNullFields', 'false')) AS n

-- name: json-array-length
SELECT json_array_length('[1,2,[3]]') AS a, json_array_length('{}') AS b, json_array_length('[') AS c, json_array_length(NULL) AS d, json_array_length('[]') AS e

-- name: json-object-keys
SELECT json_object_keys('{"a":1,"b":{"c":2}}') AS a, json_object_keys('[1]') AS b, json_object_keys('{}') AS c

-- name: schema-of-json
SELECT schema_of_json('{"a":1,"b":[1.5],"c":{"d":"x"}}') AS s

-- name: from-csv-to-csv
SELECT from_csv('1,abc,2.5', 'a INT, b STRING, c DOUBLE') AS f, to_csv(named_struct('a', 1, 'b', 'x,y', 'c', NULL)) AS t, schema_of_csv('1,abc') AS s

-- name: from-csv-options
SELECT from_csv('29/02/2024;x', 'd DATE, s STRING', map('sep', ';', 'dateFormat', 'dd/MM/yyyy')) AS f, from_csv('x,1', 'a INT, b INT') AS bad

-- name: variant
SELECT parse_json('{"a":[1,2.5,"x",null,true]}') AS v, variant_get(parse_json('{"a":{"b":7}}'), '$.a.b', 'int') AS g, is_variant_null(parse_json('null')) AS n, schema_of_variant(parse_json('{"a":1}')) AS s, parse_json('{"b":1,"a":2}'):a::INT AS p

-- name: parse-json-malformed
SELECT parse_json('{"a":') AS v

-- name: xml
SELECT from_xml('<p><a>1</a><b>x</b></p>', 'a INT, b STRING') AS f, to_xml(named_struct('a', 1)) AS t, xpath_string('<a><b>x</b></a>', 'a/b') AS x, xpath('<a><b>1</b><b>2</b></a>', 'a/b/text()') AS l, xpath_int('<a><b>3</b></a>', 'sum(a/b)') AS s

-- name: json-of-tweets
SELECT get_json_object(to_json(struct(*)), '$.user') AS u, length(to_json(struct(id, user))) AS n FROM tweets

-- name: json-group
SELECT get_json_object(json, '$.user') IS NULL AS missing, count(*) AS n FROM documents GROUP BY 1
