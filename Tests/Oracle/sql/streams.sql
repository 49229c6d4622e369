-- Queries of streaming programs: sensor alerts, hashtags, word counts, sessions.

-- name: sensor-alerts
SELECT s.pump, s.time, s.psi, v.vendor, m.day, m.description FROM sensors s JOIN vendors v ON s.pump = v.pump JOIN maintenance m ON s.pump = m.pump WHERE s.psi < 5.0

-- name: sensor-alerts-without-vendor
SELECT s.pump, psi, vendor FROM sensors s LEFT JOIN vendors v USING (pump) WHERE psi < 5 OR psi IS NULL

-- name: sensor-alerts-last-maintenance
SELECT a.pump, a.psi, m.technician, m.day FROM (SELECT pump, min(psi) AS psi FROM sensors GROUP BY pump HAVING min(psi) < 5) a LEFT JOIN (SELECT *, row_number() OVER (PARTITION BY pump ORDER BY day DESC) AS n FROM maintenance) m ON a.pump = m.pump AND m.n = 1

-- name: sensor-statistics
SELECT pump, count(*) AS n, avg(psi) AS mean, min(hz) AS least, max(hz) AS most, stddev(ppm) AS s, sum(flow) AS flow FROM sensors GROUP BY pump

-- name: sensor-by-vendor
-- ordered
SELECT vendor, count(*) AS readings, round(avg(psi), 2) AS psi FROM sensors JOIN vendors USING (pump) GROUP BY vendor ORDER BY vendor

-- name: sensor-by-minute
SELECT date_format(time, 'HH:mm') AS minute, count(DISTINCT pump) AS pumps FROM sensors GROUP BY date_format(time, 'HH:mm')

-- name: sensor-windows
SELECT pump, window.start AS start, avg(hz) AS hz, count(psi) AS n FROM sensors GROUP BY pump, window(time, '5 minutes')

-- name: sensor-silent-vendors
SELECT pump FROM vendors WHERE pump NOT IN (SELECT pump FROM sensors)

-- name: sensor-age-of-maintenance
SELECT DISTINCT s.pump, datediff(DATE '2024-03-10', max(m.day) OVER (PARTITION BY s.pump)) AS days FROM sensors s JOIN maintenance m ON s.pump = m.pump

-- name: sensor-alert-text
SELECT concat(pump, ' at ', date_format(time, 'yyyy-MM-dd HH:mm:ss'), ': ', format_number(psi, 2), ' psi') AS alert FROM sensors WHERE psi < 5

-- name: sensor-change
SELECT pump, time, psi - lag(psi) OVER (PARTITION BY pump ORDER BY time) AS change FROM sensors WHERE NOT isnan(hz)

-- name: top-hashtags
-- ordered
SELECT tag, count(*) AS count FROM (SELECT explode(regexp_extract_all(lower(text), '#\\w+', 0)) AS tag FROM tweets) GROUP BY tag ORDER BY count DESC LIMIT 3

-- name: hashtags-of-users
SELECT user, sort_array(collect_set(tag)) AS tags FROM tweets LATERAL VIEW explode(split(lower(text), '[^#a-z]+')) t AS tag WHERE tag LIKE '#_%' GROUP BY user

-- name: hashtags-in-windows
SELECT window.end AS stop, tag, count(*) AS n FROM (SELECT time, explode(split(lower(text), ' ')) AS tag FROM tweets) WHERE startswith(tag, '#') GROUP BY window(time, '30 seconds', '10 seconds'), tag

-- name: tweets-without-hashtag
SELECT id, user FROM tweets WHERE text NOT LIKE '%#%' OR text IS NULL

-- name: tweets-of-active-users
SELECT user, count(*) AS n, max(time) AS last FROM tweets GROUP BY user HAVING count(*) >= 2

-- name: word-count
-- ordered
SELECT word, count(*) AS total FROM words GROUP BY word ORDER BY total DESC, word NULLS LAST

-- name: word-count-of-text
SELECT word, count(1) AS n FROM (SELECT explode(split('to be or not to be', ' ')) AS word) GROUP BY word

-- name: word-lengths
SELECT length(word) AS n, count(*) AS words, sort_array(collect_set(lower(word))) AS set FROM words GROUP BY length(word)

-- name: word-first-letter
SELECT upper(left(word, 1)) AS letter, count(DISTINCT lower(word)) AS n FROM words WHERE word > '' GROUP BY ALL

-- name: word-spam-filter
SELECT w.word FROM words w LEFT ANTI JOIN (SELECT 'the' AS word UNION ALL SELECT 'fox') s ON lower(w.word) = s.word

-- name: event-funnel
SELECT user, count_if(kind = 'open') AS opened, count_if(kind = 'buy') AS bought, coalesce(sum(amount) FILTER (WHERE kind = 'buy'), 0) AS spent FROM events GROUP BY user

-- name: event-first-purchase
SELECT user, min_by(amount, time) AS first, max_by(amount, time) AS last FROM events WHERE kind = 'buy' GROUP BY user

-- name: event-minutes-between
SELECT user, timestampdiff(MINUTE, min(time), max(time)) AS minutes FROM events GROUP BY user

-- name: event-running-total
SELECT user, time, sum(amount) OVER (PARTITION BY user ORDER BY time) AS total FROM events WHERE kind = 'buy'

-- name: batch-joined-with-static
SELECT e.user, e.amount, p.age FROM events e LEFT JOIN people p ON length(e.user) = p.id WHERE e.kind = 'buy'

-- name: sales-report
-- ordered
SELECT coalesce(shop, 'all shops') AS place, coalesce(product, 'all') AS goods, sum(quantity) AS amount, CAST(sum(quantity * price) AS DECIMAL(10,2)) AS revenue FROM sales GROUP BY ROLLUP (shop, product) ORDER BY shop NULLS LAST, product NULLS LAST

-- name: sales-days-without-sale
SELECT d AS day FROM (SELECT explode(sequence(DATE '2024-01-01', DATE '2024-01-05')) AS d) LEFT ANTI JOIN sales ON d = sales.day

-- name: sales-best-product
SELECT day, max_by(product, quantity) AS best FROM sales WHERE quantity IS NOT NULL GROUP BY day HAVING count(*) > 1
