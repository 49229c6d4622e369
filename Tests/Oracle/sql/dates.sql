-- Dates, timestamps, intervals and their formats.

-- name: date-parts
SELECT year(d) AS y, quarter(d) AS q, month(d) AS m, day(d) AS d, dayofmonth(d) AS dm, dayofyear(d) AS dy, dayofweek(d) AS dw, weekday(d) AS wd, weekofyear(d) AS w FROM VALUES (DATE '2024-02-29') AS t(d)

-- name: date-parts-of-column
SELECT id, year(day) AS y, month(day) AS m, weekofyear(day) AS w, dayofweek(day) AS dw, dayofyear(day) AS dy FROM extremes

-- name: time-parts
SELECT hour(t) AS h, minute(t) AS m, second(t) AS s FROM VALUES (TIMESTAMP '2024-02-29 10:11:12.345') AS x(t)

-- name: extract
SELECT extract(YEAR FROM t) AS y, extract(DOW FROM t) AS dow, extract(DAYOFWEEK_ISO FROM t) AS iso, extract(SECOND FROM t) AS s, extract(WEEK FROM t) AS w, extract(YEAROFWEEK FROM t) AS yw, extract(DOY FROM t) AS doy, extract(QUARTER FROM t) AS q FROM VALUES (TIMESTAMP '2024-12-30 10:11:12.345678') AS x(t)

-- name: date-part
SELECT date_part('YEAR', DATE '2024-02-29') AS y, date_part('seconds', TIMESTAMP '2024-02-29 10:11:12.5') AS s, datepart('hour', TIMESTAMP '2024-02-29 10:11:12') AS h, date_part('MONTH', INTERVAL '2-3' YEAR TO MONTH) AS m, date_part('days', INTERVAL '5 03:00:00' DAY TO SECOND) AS d

-- name: date-part-unknown
SELECT date_part('fortnight', DATE '2024-01-01') AS x

-- name: date-names
SELECT dayname(DATE '2024-02-29') AS d, monthname(DATE '2024-02-29') AS m

-- name: date-add-sub
SELECT date_add(DATE '2024-02-28', 2) AS a, date_sub(DATE '2024-03-01', 1) AS b, dateadd(DATE '2024-01-01', -1) AS c, DATE '2024-01-31' + 1 AS d, DATE '2024-01-01' - 1 AS e, date_add('2024-12-31', 1) AS f

-- name: date-difference
SELECT datediff(DATE '2024-03-01', DATE '2024-02-01') AS a, date_diff(DATE '2024-01-01', DATE '2024-01-05') AS b, DATE '2024-03-01' - DATE '2024-02-28' AS c, datediff('2024-01-02', '2024-01-01') AS d

-- name: add-months
SELECT add_months(DATE '2024-01-31', 1) AS a, add_months(DATE '2024-02-29', 12) AS b, add_months(DATE '2024-03-31', -1) AS c, add_months(DATE '2024-02-29', 1) AS d

-- name: months-between
SELECT months_between(DATE '2024-03-31', DATE '2024-02-29') AS a, months_between(TIMESTAMP '2024-03-15 12:00:00', TIMESTAMP '2024-01-01 00:00:00') AS b, months_between(DATE '2024-03-15', DATE '2024-01-10', false) AS c, months_between(DATE '2024-01-15', DATE '2024-03-15') AS d

-- name: last-next-day
SELECT last_day(DATE '2024-02-10') AS a, next_day(DATE '2024-02-29', 'Mon') AS b, next_day(DATE '2024-02-29', 'thursday') AS c, last_day('2023-12-01') AS d

-- name: next-day-malformed
SELECT next_day(DATE '2024-02-29', 'xx') AS b

-- name: trunc-date
SELECT trunc(d, 'year') AS y, trunc(d, 'MM') AS m, trunc(d, 'week') AS w, trunc(d, 'quarter') AS q, trunc(d, 'nonsense') AS n FROM VALUES (DATE '2024-08-15') AS t(d)

-- name: date-trunc
SELECT date_trunc('YEAR', t) AS y, date_trunc('quarter', t) AS q, date_trunc('month', t) AS mo, date_trunc('week', t) AS w, date_trunc('day', t) AS d, date_trunc('HOUR', t) AS h, date_trunc('minute', t) AS m, date_trunc('second', t) AS s, date_trunc('millisecond', t) AS ms, date_trunc('microsecond', t) AS us, date_trunc('x', t) AS n FROM VALUES (TIMESTAMP '2024-08-15 10:11:12.345678') AS v(t)

-- name: date-trunc-of-column
SELECT id, date_trunc('hour', at) AS h, date_trunc('month', day) AS m FROM extremes WHERE id <> 3

-- name: date-format-numbers
SELECT date_format(t, 'yyyy-MM-dd HH:mm:ss') AS a, date_format(t, 'dd.MM.yy') AS b, date_format(t, 'd/M/y') AS c, date_format(t, 'HH:mm:ss.SSS') AS d, date_format(t, 'SSSSSS') AS e, date_format(t, 'hh:mm a') AS f, date_format(t, 'K k h H') AS g FROM VALUES (TIMESTAMP '2024-03-05 15:04:09.123456') AS v(t)

-- name: date-format-names
SELECT date_format(t, 'EEE') AS a, date_format(t, 'EEEE') AS b, date_format(t, 'MMM') AS c, date_format(t, 'MMMM') AS d, date_format(t, 'LLL') AS e, date_format(t, 'E d MMM yyyy') AS f, date_format(t, 'G') AS g FROM VALUES (TIMESTAMP '2024-03-05 15:04:09') AS v(t)

-- name: date-format-others
SELECT date_format(t, 'D') AS a, date_format(t, 'DDD') AS b, date_format(t, 'Q') AS c, date_format(t, 'QQQ') AS d, date_format(t, 'F') AS e, date_format(t, "yyyy 'o''clock'") AS f, date_format(t, 'XXX') AS g, date_format(t, 'VV') AS h, date_format(t, 'z') AS i, date_format(t, 'yyyyMMdd') AS j FROM VALUES (TIMESTAMP '2024-03-05 15:04:09') AS v(t)

-- name: date-format-of-date
SELECT date_format(DATE '2024-03-05', 'yyyy/MM/dd HH') AS a, date_format('2024-03-05', 'MM') AS b, date_format(NULL, 'MM') AS c

-- name: date-format-malformed
SELECT date_format(DATE '2024-03-05', 'bbbb') AS a

-- name: date-format-week-refused
SELECT date_format(DATE '2024-03-05', 'YYYY-ww') AS a

-- name: to-date
SELECT to_date('2024-02-29') AS a, to_date('29.02.2024', 'dd.MM.yyyy') AS b, to_date('Feb 3, 2024', 'MMM d, yyyy') AS c, to_date(TIMESTAMP '2024-02-29 23:00:00') AS d, to_date('20240229', 'yyyyMMdd') AS e

-- name: to-date-malformed
SELECT to_date('2024-02-30', 'yyyy-MM-dd') AS a

-- name: to-date-not-matching
SELECT to_date('abc', 'yyyy-MM-dd') AS a

-- name: to-timestamp
SELECT to_timestamp('2024-02-29 10:11:12') AS a, to_timestamp('29/02/2024 10:11', 'dd/MM/yyyy HH:mm') AS b, to_timestamp('2024-02-29T10:11:12.345', "yyyy-MM-dd'T'HH:mm:ss.SSS") AS c, to_timestamp_ntz('2024-02-29 10:11:12') AS d, to_timestamp('2024-02-29 10:11:12+0200', 'yyyy-MM-dd HH:mm:ssZ') AS e

-- name: to-timestamp-malformed
SELECT to_timestamp('29/02/2024', 'yyyy-MM-dd') AS a

-- name: try-to-timestamp
SELECT try_to_timestamp('2024-02-29 10:11:12') AS a, try_to_timestamp('x', 'yyyy') AS b

-- name: unix-timestamp
SELECT unix_timestamp('2024-02-29 10:11:12') AS a, unix_timestamp('29.02.2024', 'dd.MM.yyyy') AS b, to_unix_timestamp('2024-02-29 00:00:00') AS c, unix_timestamp(DATE '1970-01-02') AS d, unix_timestamp(TIMESTAMP '1969-12-31 23:59:59') AS e

-- name: from-unixtime
SELECT from_unixtime(0) AS a, from_unixtime(1709201472, 'yyyy-MM-dd') AS b, from_unixtime(-1) AS c

-- name: timestamps-from-numbers
SELECT timestamp_seconds(1.5) AS s, timestamp_millis(1709201472123) AS m, timestamp_micros(1709201472123456) AS u, date_from_unix_date(1) AS d

-- name: timestamps-to-numbers
SELECT unix_seconds(t) AS s, unix_millis(t) AS m, unix_micros(t) AS u, unix_date(DATE '1970-01-02') AS d FROM VALUES (TIMESTAMP '2024-02-29 10:11:12.123456') AS v(t)

-- name: make-date
SELECT make_date(2024, 2, 29) AS a, make_date(2024, NULL, 1) AS b, try_make_timestamp(2024, 13, 1, 0, 0, 0) AS c

-- name: make-date-impossible
SELECT make_date(2023, 2, 29) AS a

-- name: make-timestamp
SELECT make_timestamp(2024, 2, 29, 10, 11, 12.5) AS a, make_timestamp_ntz(2024, 2, 29, 10, 11, 12) AS b, make_timestamp(2024, 2, 29, 10, 0, 0, 'Asia/Tokyo') AS c, make_timestamp_ltz(2024, 1, 1, 0, 0, 0) AS d

-- name: make-timestamp-impossible
SELECT make_timestamp(2024, 2, 29, 25, 0, 0) AS a

-- name: zones
SELECT from_utc_timestamp(TIMESTAMP '2024-07-01 12:00:00', 'Europe/Berlin') AS a, to_utc_timestamp(TIMESTAMP '2024-01-01 12:00:00', 'America/New_York') AS b, convert_timezone('UTC', 'Asia/Tokyo', TIMESTAMP_NTZ '2024-01-01 00:00:00') AS c, from_utc_timestamp('2024-03-31 01:30:00', '+02:00') AS d

-- name: zone-unknown
SELECT from_utc_timestamp(TIMESTAMP '2024-07-01 12:00:00', 'Mars/Olympus') AS a

-- name: interval-arithmetic
SELECT DATE '2024-01-31' + INTERVAL 1 MONTH AS a, DATE '2024-03-31' - INTERVAL '1' YEAR AS b, TIMESTAMP '2024-01-01 00:00:00' + INTERVAL '1 02:03:04' DAY TO SECOND AS c, DATE '2024-01-01' + INTERVAL '2' DAY AS d, DATE '2024-01-01' + INTERVAL '12' HOUR AS e, TIMESTAMP '2024-01-31 10:00:00' + INTERVAL '1-1' YEAR TO MONTH AS f

-- name: interval-of-intervals
SELECT INTERVAL '1' DAY + INTERVAL '2' HOUR AS a, INTERVAL '3' MONTH - INTERVAL '1' YEAR AS b, INTERVAL '1' DAY * 2.5 AS c, INTERVAL '1' DAY / 4 AS d, -INTERVAL '1' HOUR AS e, INTERVAL '1' DAY > INTERVAL '23' HOUR AS f

-- name: interval-of-mixed-kinds-refused
SELECT INTERVAL '1' MONTH + INTERVAL '1' DAY AS a

-- name: interval-from-timestamps
SELECT TIMESTAMP '2024-01-02 03:00:00' - TIMESTAMP '2024-01-01 00:00:00.5' AS a, extract(HOUR FROM TIMESTAMP '2024-01-02 03:00:00' - TIMESTAMP '2024-01-01 00:00:00') AS h

-- name: interval-make
SELECT make_dt_interval(1, 2, 3, 4.5) AS a, make_ym_interval(1, 14) AS b, make_interval(1, 2, 3, 4, 5, 6, 7.5) AS c

-- name: interval-text
SELECT CAST(INTERVAL '1 02:03:04.5' DAY TO SECOND AS STRING) AS a, CAST(INTERVAL '-1-2' YEAR TO MONTH AS STRING) AS b, CAST(make_interval(0, 0, 0, 1, 2) AS STRING) AS c

-- name: timestamp-add-diff
SELECT timestampadd(HOUR, 5, TIMESTAMP '2024-01-01 00:00:00') AS a, timestampdiff(DAY, TIMESTAMP '2024-01-01 12:00:00', TIMESTAMP '2024-01-03 11:00:00') AS b, dateadd(MONTH, 1, DATE '2024-01-31') AS c, datediff(MONTH, DATE '2024-01-31', DATE '2024-03-01') AS d, date_diff(WEEK, DATE '2024-01-01', DATE '2024-01-20') AS e

-- name: date-sequence
SELECT sequence(DATE '2024-01-30', DATE '2024-02-02') AS a, sequence(DATE '2024-01-31', DATE '2024-04-30', INTERVAL 1 MONTH) AS b, sequence(TIMESTAMP '2024-01-01 00:00:00', TIMESTAMP '2024-01-01 01:00:00', INTERVAL 30 MINUTES) AS c

-- name: date-comparison
SELECT DATE '2024-01-01' = TIMESTAMP '2024-01-01 00:00:00' AS a, DATE '2024-01-02' > '2024-01-01' AS b, TIMESTAMP '2024-01-01 00:00:00' = TIMESTAMP_NTZ '2024-01-01 00:00:00' AS c

-- name: date-generated-days
SELECT d, dayname(d) AS name, count(id) AS n FROM (SELECT explode(sequence(DATE '2024-01-01', DATE '2024-01-05')) AS d) LEFT JOIN sales ON d = day GROUP BY d

-- name: date-ages
SELECT name, floor(months_between(DATE '2024-06-01', joined) / 12) AS years FROM people

-- name: date-buckets
SELECT date_trunc('MONTH', joined) AS month, count(*) AS n FROM people GROUP BY 1

-- name: date-old-calendar
SELECT DATE '1582-10-04' AS a, date_add(DATE '1582-10-04', 1) AS b, year(DATE '0001-01-01') AS c, dayofweek(DATE '1900-01-01') AS d

-- name: date-timestamps-of-column
SELECT id, CAST(at AS DATE) AS d, hour(at) AS h, second(at) AS s, unix_micros(at) AS u FROM extremes

-- name: session-time-of-ntz
SELECT local, CAST(local AS TIMESTAMP) AS t, date_format(local, 'HH:mm') AS f FROM extremes WHERE id IN (5, 7)
