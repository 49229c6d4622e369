-- Joins of all kinds, subqueries, common table expressions and set operations.

-- name: join-inner
SELECT l.k, a, b FROM lefts l JOIN rights r ON l.k = r.k

-- name: join-inner-keyword
SELECT a, b FROM lefts l INNER JOIN rights r ON l.k = r.k AND b <> 'r1'

-- name: join-left
SELECT l.k AS lk, a, r.k AS rk, b FROM lefts l LEFT JOIN rights r ON l.k = r.k

-- name: join-left-outer-condition
SELECT a, b FROM lefts l LEFT OUTER JOIN rights r ON l.k = r.k AND b LIKE '%b'

-- name: join-right
SELECT a, r.k, b FROM lefts l RIGHT JOIN rights r ON l.k = r.k

-- name: join-full
SELECT l.k AS lk, a, r.k AS rk, b FROM lefts l FULL OUTER JOIN rights r ON l.k = r.k

-- name: join-semi
SELECT * FROM lefts l LEFT SEMI JOIN rights r ON l.k = r.k

-- name: join-semi-short
SELECT * FROM lefts l SEMI JOIN rights r ON l.k = r.k

-- name: join-anti
SELECT * FROM lefts l LEFT ANTI JOIN rights r ON l.k = r.k

-- name: join-anti-short
SELECT * FROM lefts ANTI JOIN rights USING (k)

-- name: join-cross
SELECT a, b FROM lefts CROSS JOIN rights

-- name: join-comma
SELECT a, b FROM lefts, rights WHERE lefts.k = rights.k

-- name: join-comma-without-condition
SELECT count(*) AS n FROM lefts, rights, shops

-- name: join-without-condition
SELECT a, b FROM lefts JOIN rights

-- name: join-using
SELECT * FROM lefts JOIN rights USING (k)

-- name: join-using-left
SELECT k, a, b FROM lefts LEFT JOIN rights USING (k)

-- name: join-using-right
SELECT * FROM lefts RIGHT JOIN rights USING (k)

-- name: join-using-full
SELECT * FROM lefts FULL JOIN rights USING (k)

-- name: join-using-qualified-key
SELECT lefts.k AS lk, rights.k AS rk FROM lefts FULL JOIN rights USING (k)

-- name: join-using-unknown
SELECT * FROM lefts JOIN rights USING (kk)

-- name: join-natural
SELECT * FROM sales NATURAL JOIN shops WHERE id < 4

-- name: join-natural-left
SELECT * FROM lefts NATURAL LEFT JOIN rights

-- name: join-null-safe
SELECT a, b FROM lefts l JOIN rights r ON l.k <=> r.k

-- name: join-null-safe-full
SELECT a, b FROM lefts l FULL JOIN rights r ON l.k <=> r.k

-- name: join-range-condition
SELECT l.a, r.b FROM lefts l JOIN rights r ON l.k < r.k

-- name: join-self
SELECT e.name AS employee, m.name AS manager FROM people e LEFT JOIN people m ON e.manager = m.id

-- name: join-three-tables
SELECT s.pump, s.psi, v.vendor, m.technician FROM sensors s JOIN vendors v ON s.pump = v.pump JOIN maintenance m ON m.pump = v.pump WHERE s.psi < 5.0

-- name: join-subquery
SELECT shop, city, total FROM shops JOIN (SELECT shop AS s, sum(quantity) AS total FROM sales GROUP BY shop) t ON shops.shop = t.s

-- name: join-nested-parentheses
SELECT a, b, shop FROM lefts JOIN (rights JOIN shops ON length(shop) = k + 3) USING (k)

-- name: join-of-different-types
SELECT l.k, t.x FROM lefts l JOIN VALUES (1.0), (2.0) AS t(x) ON l.k = t.x

-- name: join-string-and-int
SELECT l.k, t.x FROM lefts l JOIN VALUES ('1'), ('2') AS t(x) ON l.k = t.x

-- name: join-string-and-int-malformed
SELECT l.k, t.x FROM lefts l JOIN VALUES ('1'), ('two') AS t(x) ON l.k = t.x

-- name: join-on-false
SELECT a, b FROM lefts LEFT JOIN rights ON false WHERE a = 'l1'

-- name: join-duplicate-names
SELECT * FROM lefts JOIN rights ON lefts.k = rights.k AND lefts.k = 1

-- name: join-lateral-subquery
SELECT l.a, t.n FROM lefts l, LATERAL (SELECT count(*) AS n FROM rights r WHERE r.k = l.k) t

-- name: join-lateral-left
SELECT l.a, t.b FROM lefts l LEFT JOIN LATERAL (SELECT b FROM rights r WHERE r.k = l.k) t

-- name: join-nan-keys
SELECT x.id AS x, y.id AS y FROM extremes x JOIN extremes y ON x.real = y.real WHERE x.id IN (1, 5, 6)

-- name: join-semi-with-condition-on-both
SELECT id, product FROM sales s LEFT SEMI JOIN shops p ON s.shop = p.shop AND s.quantity > p.area / 40

-- name: subquery-scalar
SELECT name, age - (SELECT avg(age) FROM people) AS difference FROM people WHERE age IS NOT NULL

-- name: subquery-scalar-where
SELECT name FROM people WHERE salary = (SELECT max(salary) FROM people)

-- name: subquery-scalar-empty
SELECT (SELECT age FROM people WHERE id = 100) AS nothing

-- name: subquery-scalar-too-many
SELECT (SELECT age FROM people) AS many

-- name: subquery-scalar-correlated
SELECT shop, (SELECT sum(quantity) FROM sales WHERE sales.shop = shops.shop) AS total FROM shops

-- name: subquery-scalar-correlated-count
SELECT shop, (SELECT count(*) FROM sales WHERE sales.shop = shops.shop) AS n FROM shops

-- name: subquery-in
SELECT id FROM sales WHERE shop IN (SELECT shop FROM shops)

-- name: subquery-not-in
SELECT id FROM sales WHERE shop NOT IN (SELECT shop FROM shops)

-- name: subquery-not-in-with-null
SELECT a FROM lefts WHERE k NOT IN (SELECT k FROM rights)

-- name: subquery-not-in-without-null
SELECT a FROM lefts WHERE k NOT IN (SELECT k FROM rights WHERE k IS NOT NULL)

-- name: subquery-in-several-columns
SELECT id FROM sales WHERE (shop, quantity) IN (SELECT shop, max(quantity) FROM sales GROUP BY shop)

-- name: subquery-in-as-value
SELECT shop, shop IN (SELECT shop FROM shops) AS known FROM sales WHERE id < 7

-- name: subquery-exists
SELECT shop FROM shops WHERE EXISTS (SELECT 1 FROM sales WHERE sales.shop = shops.shop AND product = 'tea')

-- name: subquery-not-exists
SELECT shop FROM shops s WHERE NOT EXISTS (SELECT * FROM sales WHERE sales.shop = s.shop)

-- name: subquery-exists-uncorrelated
SELECT count(*) AS n FROM people WHERE EXISTS (SELECT 1 FROM sales WHERE quantity > 100)

-- name: subquery-correlated-inequality
SELECT name FROM people p WHERE salary > (SELECT avg(salary) FROM people q WHERE q.city = p.city)

-- name: subquery-in-from
SELECT max(n) AS most FROM (SELECT city, count(*) AS n FROM people GROUP BY city)

-- name: subquery-nested
SELECT name FROM people WHERE id IN (SELECT manager FROM people WHERE city IN (SELECT city FROM shops))

-- name: subquery-in-having
SELECT shop, sum(quantity) AS q FROM sales GROUP BY shop HAVING sum(quantity) > (SELECT avg(quantity) * 3 FROM sales)

-- name: subquery-two-columns-refused
SELECT (SELECT id, age FROM people LIMIT 1) AS x

-- name: cte
WITH adults AS (SELECT * FROM people WHERE age > 30) SELECT name FROM adults WHERE active

-- name: cte-column-names
WITH t(x, y) AS (SELECT id, name FROM people) SELECT x, y FROM t WHERE x < 3

-- name: cte-two
WITH a AS (SELECT shop, sum(quantity) AS q FROM sales GROUP BY shop), b AS (SELECT max(q) AS m FROM a) SELECT a.shop FROM a JOIN b ON a.q = b.m

-- name: cte-nested
WITH a AS (WITH b AS (SELECT 1 AS x) SELECT x + 1 AS y FROM b) SELECT * FROM a

-- name: cte-hides-a-table
WITH people AS (SELECT 'nobody' AS name) SELECT name FROM people

-- name: cte-in-subquery
SELECT name FROM people WHERE age = (WITH m AS (SELECT max(age) AS a FROM people) SELECT a FROM m)

-- name: cte-used-twice
WITH t AS (SELECT k FROM lefts WHERE k IS NOT NULL) SELECT x.k AS x, y.k AS y FROM t x JOIN t y ON x.k = y.k + 1

-- name: cte-recursive
WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 5) SELECT n FROM t

-- name: cte-recursive-tree
WITH RECURSIVE chain(id, name, depth) AS (SELECT id, name, 0 FROM people WHERE manager IS NULL UNION ALL SELECT p.id, p.name, depth + 1 FROM people p JOIN chain c ON p.manager = c.id) SELECT * FROM chain

-- name: union-all
SELECT k FROM lefts UNION ALL SELECT k FROM rights

-- name: union-distinct
SELECT k FROM lefts UNION SELECT k FROM rights

-- name: union-distinct-keyword
SELECT shop FROM sales UNION DISTINCT SELECT shop FROM shops

-- name: union-names-of-the-first
SELECT k AS key, a FROM lefts UNION ALL SELECT k, b FROM rights

-- name: union-widens-types
SELECT 1 AS x UNION ALL SELECT 2.5 UNION ALL SELECT NULL

-- name: union-int-and-double
SELECT 1 AS x UNION ALL SELECT 2.5D

-- name: union-string-and-int
SELECT 1 AS x UNION ALL SELECT '2'

-- name: union-string-and-int-malformed
SELECT 1 AS x UNION ALL SELECT 'two'

-- name: union-different-widths
SELECT 1 AS x, 2 AS y UNION ALL SELECT 3

-- name: union-incompatible
SELECT 1 AS x UNION ALL SELECT array(1)

-- name: union-ordered
-- ordered
SELECT k FROM lefts UNION ALL SELECT k FROM rights ORDER BY k DESC

-- name: intersect
SELECT k FROM lefts INTERSECT SELECT k FROM rights

-- name: intersect-all
SELECT k FROM lefts INTERSECT ALL SELECT k FROM rights

-- name: except
SELECT k FROM lefts EXCEPT SELECT k FROM rights

-- name: except-all
SELECT k FROM lefts EXCEPT ALL SELECT * FROM VALUES (2), (3) AS t(k)

-- name: minus
SELECT k FROM lefts MINUS SELECT k FROM rights

-- name: set-operations-precedence
SELECT 1 AS x UNION ALL SELECT 2 INTERSECT SELECT 2

-- name: set-operations-parentheses
(SELECT 1 AS x UNION ALL SELECT 2) INTERSECT SELECT 2

-- name: set-operation-of-limits
(SELECT id FROM people ORDER BY id LIMIT 2) UNION ALL (SELECT id FROM people ORDER BY id DESC LIMIT 1)
