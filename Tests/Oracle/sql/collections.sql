-- Arrays, maps, structs, generators and functions with lambdas.

-- name: array-literal
SELECT array(1, 2, 3) AS a, array() AS e, array(1, 2.5) AS m, array('a', NULL) AS n, array(array(1), array()) AS x

-- name: array-size
SELECT id, size(numbers) AS s, cardinality(tags) AS c, array_size(numbers) AS a, size(scores) AS m FROM nested

-- name: array-index
SELECT id, tags[0] AS first FROM nested WHERE id IN (1, 4)

-- name: array-index-out-of-bounds
SELECT numbers[3] AS x FROM nested WHERE id = 1

-- name: array-index-negative
SELECT array(1, 2)[-1] AS x

-- name: array-get
SELECT get(array(1, 2), 0) AS a, get(array(1, 2), 2) AS b, get(array(1, 2), -1) AS c

-- name: element-at
SELECT element_at(array(1, 2, 3), 1) AS a, element_at(array(1, 2, 3), -1) AS b, element_at(map('a', 1), 'a') AS c, element_at(map('a', 1), 'b') AS d, try_element_at(array(1), 3) AS e

-- name: element-at-out-of-bounds
SELECT element_at(array(1, 2, 3), 4) AS a

-- name: element-at-zero
SELECT element_at(array(1, 2, 3), 0) AS a

-- name: array-contains
SELECT array_contains(array(1, 2), 2) AS a, array_contains(array(1, NULL), 2) AS b, array_contains(array(1, NULL), 1) AS c, array_contains(array('a'), 'b') AS d

-- name: array-contains-null
SELECT array_contains(array(1), NULL) AS a

-- name: array-position
SELECT array_position(array(3, 2, 1, 2), 2) AS a, array_position(array(1), 5) AS b, array_position(array('x', NULL), 'x') AS c

-- name: array-sort
SELECT sort_array(array(3, NULL, 1)) AS a, sort_array(array(3, NULL, 1), false) AS b, array_sort(array(3, NULL, 1)) AS c, sort_array(array('b', 'A', 'a')) AS d, array_sort(array(3, 1, 2), (x, y) -> CASE WHEN x > y THEN -1 WHEN x < y THEN 1 ELSE 0 END) AS e

-- name: array-distinct-union
SELECT array_distinct(array(1, 2, 1, NULL, NULL)) AS a, array_union(array(1, 2), array(2, 3)) AS b, array_intersect(array(1, 2, 2), array(2, 3)) AS c, array_except(array(1, 2, 2), array(2)) AS d

-- name: array-overlap
SELECT arrays_overlap(array(1, 2), array(2, 3)) AS a, arrays_overlap(array(1), array(2)) AS b, arrays_overlap(array(1, NULL), array(2)) AS c

-- name: array-changes
SELECT array_append(array(1), 2) AS a, array_prepend(array(2), 1) AS b, array_insert(array(1, 3), 2, 2) AS c, array_remove(array(1, 2, 1), 1) AS d, array_compact(array(1, NULL, 2)) AS e, array_insert(array(1, 2), -1, 9) AS f, array_insert(array(1), 4, 4) AS g

-- name: array-insert-zero
SELECT array_insert(array(1), 0, 4) AS x

-- name: array-join
SELECT array_join(array('a', 'b'), ',') AS a, array_join(array('a', NULL, 'b'), ',') AS b, array_join(array('a', NULL), ',', '-') AS c, array_join(array(1, 2), '') AS d

-- name: array-min-max
SELECT array_min(array(3, NULL, 1)) AS a, array_max(array(3, NULL, 1)) AS b, array_max(array('a', 'B')) AS c, array_min(array(CAST(NULL AS INT))) AS d, array_max(array(1D, double('NaN'))) AS e

-- name: array-concat-reverse
SELECT concat(array(1), array(2, NULL)) AS a, reverse(array(1, 2, 3)) AS b, array(1) || array(2) AS c

-- name: array-slice
SELECT slice(array(1, 2, 3, 4), 2, 2) AS a, slice(array(1, 2, 3), -2, 2) AS b, slice(array(1), 5, 1) AS c

-- name: array-slice-zero
SELECT slice(array(1, 2), 0, 1) AS x

-- name: array-repeat-sequence
SELECT array_repeat('x', 3) AS a, sequence(1, 5) AS b, sequence(5, 1, -2) AS c, sequence(1, 1) AS d, array_repeat(1, 0) AS e, sequence(3, 1) AS f

-- name: array-flatten
SELECT flatten(array(array(1, 2), array(3))) AS a, flatten(array(array(1), NULL)) AS b

-- name: arrays-zip
SELECT arrays_zip(array(1, 2), array('a', 'b')) AS a, arrays_zip(array(1, 2), array(3)) AS b

-- name: shuffle-size
SELECT size(shuffle(array(1, 2, 3))) AS s

-- name: array-of-column
SELECT id, array(id, age, manager) AS a FROM people

-- name: array-functions-of-column
SELECT id, sort_array(numbers) AS s, array_max(numbers) AS m, array_distinct(tags) AS d, array_join(tags, '|') AS j, array_contains(tags, 'red') AS c FROM nested

-- name: transform
SELECT transform(array(1, 2, 3), x -> x * 2) AS a, transform(array(1, 2), (x, i) -> x + i) AS b, transform(array('a', NULL), x -> upper(x)) AS c, transform(array(), x -> x) AS d

-- name: transform-of-column
SELECT id, transform(numbers, x -> x + id) AS t, transform(visits, v -> v.city) AS cities FROM nested

-- name: filter
SELECT filter(array(1, 2, 3, NULL), x -> x > 1) AS a, filter(array(5, 6, 7), (x, i) -> i % 2 = 0) AS b, filter(array('a', ''), x -> x <> '') AS c

-- name: exists-forall
SELECT exists(array(1, 2), x -> x > 1) AS a, exists(array(1, NULL), x -> x > 1) AS b, forall(array(1, 2), x -> x > 0) AS c, forall(array(1, NULL), x -> x > 0) AS d

-- name: aggregate-lambda
SELECT aggregate(array(1, 2, 3), 0, (s, x) -> s + x) AS a, aggregate(array(1, 2, 3), 0, (s, x) -> s + x, s -> s * 10) AS b, reduce(array('a', 'b'), '', (s, x) -> concat(s, x)) AS c, aggregate(array(1, NULL), 0, (s, x) -> s + x) AS d

-- name: zip-with
SELECT zip_with(array(1, 2), array(10, 20), (x, y) -> x + y) AS a, zip_with(array(1, 2), array('a'), (x, y) -> concat(x, coalesce(y, '-'))) AS b

-- name: nested-lambdas
SELECT transform(array(array(1, 2), array(3)), x -> transform(x, y -> y * 10)) AS a, transform(array(1, 2), x -> filter(array(1, 2, 3), y -> y > x)) AS b

-- name: map-literal
SELECT map('a', 1, 'b', 2) AS a, map() AS e, map_from_arrays(array('x', 'y'), array(1, 2)) AS f, map_from_entries(array(struct('k', 1))) AS g

-- name: map-duplicate-key
SELECT map('a', 1, 'a', 2) AS m

-- name: map-null-key
SELECT map(NULL, 1) AS m

-- name: map-access
SELECT id, scores['a'] AS a, scores['zz'] AS z, scores.b AS b FROM nested

-- name: map-keys-values
SELECT id, sort_array(map_keys(scores)) AS k, sort_array(map_values(scores)) AS v, map_contains_key(scores, 'a') AS c, sort_array(map_entries(scores)) AS e FROM nested

-- name: map-concat
SELECT map_concat(map('a', 1), map('b', 2)) AS a

-- name: map-lambdas
SELECT map_filter(map('a', 1, 'b', 2), (k, v) -> v > 1) AS f, transform_keys(map('a', 1), (k, v) -> upper(k)) AS k, transform_values(map('a', 1), (k, v) -> v + 1) AS v, map_zip_with(map('a', 1), map('a', 2), (k, x, y) -> x + y) AS z

-- name: struct-literal
SELECT struct(1, 'a') AS a, named_struct('x', 1, 'y', 'b') AS b, struct(id, name) AS c, (1, 'z') AS d FROM people WHERE id = 1

-- name: struct-access
SELECT id, person.name AS n, person.age + 1 AS a, visits[0].city AS c FROM nested WHERE id <> 2

-- name: struct-star
SELECT person.* FROM nested

-- name: struct-unknown-field
SELECT person.height FROM nested

-- name: struct-array-field
SELECT id, visits.city AS cities, visits.days AS days FROM nested

-- name: struct-comparison
SELECT id FROM nested WHERE person = named_struct('name', 'Ada', 'age', 36)

-- name: explode
SELECT id, explode(numbers) AS n FROM nested

-- name: explode-outer
SELECT id, explode_outer(numbers) AS n FROM nested

-- name: explode-map
SELECT id, explode(scores) AS (k, v) FROM nested

-- name: explode-default-names
SELECT explode(array(1, 2))

-- name: explode-map-default-names
SELECT explode(map('a', 1))

-- name: explode-structs
SELECT id, inline(visits) FROM nested

-- name: inline-outer
SELECT id, inline_outer(visits) AS (city, days) FROM nested

-- name: posexplode
SELECT id, posexplode(tags) AS (p, t) FROM nested

-- name: posexplode-default-names
SELECT posexplode(array('x', 'y'))

-- name: posexplode-outer
SELECT id, posexplode_outer(tags) FROM nested

-- name: stack
SELECT stack(2, 1, 'a', 2, 'b') AS (n, s)

-- name: explode-two-refused
SELECT explode(array(1)), explode(array(2))

-- name: explode-in-expression-refused
SELECT explode(array(1)) + 1 AS x

-- name: explode-in-where-refused
SELECT id FROM nested WHERE explode(numbers) > 1

-- name: explode-of-expression
SELECT line, explode(split(word, '')) AS letter FROM words WHERE line = 6

-- name: lateral-view
SELECT id, n FROM nested LATERAL VIEW explode(numbers) t AS n

-- name: lateral-view-outer
SELECT id, n FROM nested LATERAL VIEW OUTER explode(numbers) t AS n

-- name: lateral-view-two
SELECT id, n, t FROM nested LATERAL VIEW explode(numbers) a AS n LATERAL VIEW explode(tags) b AS t

-- name: lateral-view-map
SELECT id, k, v FROM nested LATERAL VIEW explode(scores) s AS k, v

-- name: lateral-view-posexplode
SELECT id, p, t FROM nested LATERAL VIEW posexplode(tags) x AS p, t WHERE p > 0

-- name: lateral-view-grouped
SELECT t, count(*) AS n FROM nested LATERAL VIEW explode(tags) x AS t GROUP BY t

-- name: lateral-view-default-names
SELECT * FROM (SELECT 1 AS id) LATERAL VIEW explode(array(1, 2)) t

-- name: table-function
SELECT * FROM explode(array(1, 2))

-- name: table-function-lateral
SELECT id, col FROM nested, LATERAL explode(numbers)

-- name: array-aggregate-and-back
SELECT shop, aggregate(collect_list(quantity), 0, (s, x) -> s + coalesce(x, 0)) AS s FROM sales GROUP BY shop

-- name: array-equality
SELECT array(1, NULL) = array(1, NULL) AS a, array(1, 2) <=> array(1, 2) AS b, array() = array() AS c

-- name: array-type-mismatch
SELECT array(1, array(2)) AS a

-- name: split-and-explode
SELECT user, word FROM tweets LATERAL VIEW explode(split(text, ' ')) t AS word WHERE word LIKE '#%'
