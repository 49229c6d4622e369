-- Functions of strings, patterns and regular expressions.

-- name: string-case
SELECT upper('straße é') AS u, lower('ÀB') AS l, ucase('a') AS uc, lcase('A') AS lc, initcap('hello wORLD o''neil') AS i

-- name: string-length
SELECT length('日本語') AS l, char_length('👍') AS c, character_length('é') AS cc, octet_length('日本語') AS o, bit_length('é') AS b, length('') AS e, len('abc') AS n, length(X'00FF') AS bin

-- name: string-length-of-column
SELECT id, length(text) AS l, octet_length(text) AS o FROM extremes

-- name: concat
SELECT concat('a', 'b', 'c') AS a, concat('a', NULL) AS n, concat() AS e, concat('a', 1, true) AS m, 'a' || 'b' || 1 AS o, NULL || 'x' AS p

-- name: concat-ws
SELECT concat_ws('-', 'a', NULL, 'b') AS a, concat_ws(',', array('x', NULL, 'y'), 'z') AS b, concat_ws('-') AS c, concat_ws(NULL, 'a') AS d

-- name: concat-binary
SELECT concat(X'01', X'02') AS b, X'01' || X'FF' AS c

-- name: substring
SELECT substring('Martlet', 2, 3) AS a, substr('Martlet', -3) AS b, substring('Martlet' FROM 2 FOR 2) AS c, substring('Martlet', 0, 2) AS d, substring('Martlet', 5, 100) AS e, substring('Martlet', 3, 0) AS f, substring('Martlet', 2, -1) AS g, substring('Martlet', -10, 5) AS h

-- name: substring-unicode
SELECT substring('日本語テキスト', 2, 2) AS a, left('日本語', 2) AS l, right('日本語', 2) AS r, left('abc', 0) AS z, right('abc', -1) AS n

-- name: substring-binary
SELECT substring(X'00FF10', 2, 1) AS b

-- name: substring-index
SELECT substring_index('www.apache.org', '.', 2) AS a, substring_index('www.apache.org', '.', -2) AS b, substring_index('abc', '.', 1) AS c, substring_index('a.b', '.', 0) AS d, substring_index('a.b', '', 1) AS e

-- name: trim
SELECT trim('  a b  ') AS t, ltrim('  a ') AS l, rtrim(' a  ') AS r, trim(BOTH 'x' FROM 'xxaxx') AS b, trim(LEADING 'xy' FROM 'xyyax') AS le, trim(TRAILING 'x' FROM 'axx') AS tr, btrim('xyaxy', 'yx') AS bt, ltrim('x', 'xxa') AS lt

-- name: trim-tabs-stay
SELECT length(trim('\ta\n ')) AS n

-- name: pad
SELECT lpad('hi', 5, '*') AS l, rpad('hi', 5, 'ab') AS r, lpad('hello', 3, '*') AS s, lpad('hi', 4) AS d, rpad('hi', 5, '') AS e, lpad('é', 3, '日本') AS u

-- name: repeat-space-reverse
SELECT repeat('ab', 3) AS r, repeat('ab', 0) AS z, repeat('ab', -1) AS n, space(3) AS s, reverse('añ日') AS v

-- name: replace-translate-overlay
SELECT replace('ABCabc', 'abc', 'DEF') AS a, replace('ABCabc', 'abc') AS b, translate('AaBbCc', 'abc', '12') AS c, overlay('Spark SQL' PLACING '_' FROM 6) AS d, overlay('Spark SQL', 'ANSI ', 7, 0) AS e, replace('aaa', '', 'x') AS f

-- name: position
SELECT instr('SparkSQL', 'SQL') AS a, locate('a', 'banana') AS b, locate('a', 'banana', 3) AS c, position('an' IN 'banana') AS d, instr('abc', 'z') AS e, locate('n', 'banana', 4) AS f, position('', 'abc') AS g, locate('a', 'banana', 0) AS h

-- name: contains-starts-ends
SELECT contains('Spark SQL', 'SQL') AS a, startswith('Spark', 'Sp') AS b, endswith('Spark', 'rk') AS c, contains('Spark', '') AS d, startswith(NULL, 'x') AS e, contains(X'0102', X'02') AS f

-- name: ascii-chr
SELECT ascii('A') AS a, ascii('') AS b, ascii('é') AS c, chr(65) AS d, char(256 + 66) AS e, chr(0) = '' AS f, ascii('日') AS g, chr(-1) AS h

-- name: split
SELECT split('a,b,c', ',') AS a, split('a1b22c', '[0-9]+') AS b, split('a,b,c', ',', 2) AS c, split('abc', '') AS d, split('a,b,,', ',') AS e, split('', ',') AS f, split('a,b,,', ',', 0) AS g

-- name: split-part
SELECT split_part('11.12.13', '.', 3) AS a, split_part('11.12.13', '.', -1) AS b, split_part('a', '.', 2) AS c, split_part('a||b', '||', 2) AS d

-- name: split-part-zero
SELECT split_part('a.b', '.', 0) AS x

-- name: elt-out-of-range
SELECT elt(3, 'a', 'b') AS x

-- name: find-in-set
SELECT find_in_set('ab', 'abc,b,ab,c,def') AS a, find_in_set('x', 'a,b') AS b, find_in_set('a,b', 'a,b') AS c

-- name: elt
SELECT elt(2, 'a', 'b') AS a, elt(NULL, 'a') AS n

-- name: levenshtein-soundex
SELECT levenshtein('kitten', 'sitting') AS a, levenshtein('', 'abc') AS b, soundex('Miller') AS c, soundex('') AS d, levenshtein('kitten', 'sitting', 2) AS e, soundex('Tymczak') AS f

-- name: format-number
SELECT format_number(1234567.891, 2) AS a, format_number(0.5, 0) AS b, format_number(-1234, 1) AS c, format_number(12332.123456, '##################.###') AS d, format_number(1.5, 0) AS e, format_number(2.5D, 0) AS f

-- name: format-string
SELECT format_string('%s is %d', 'Ada', 36) AS a, printf('%05.2f|%x|%-5s|%5s', 3.14159D, 255, 'a', 'b') AS b, format_string('%,d %e %%', 1234567, 12.5D) AS c, format_string('%s', NULL) AS d

-- name: to-number
SELECT to_number('454', '999') AS a, to_number('$78.12', '$99.99') AS b, to_number('12,454.8', '99,999.9') AS c, to_number('-7', 'S9') AS d

-- name: to-number-malformed
SELECT to_number('x', '999') AS a

-- name: to-char
SELECT to_char(454, '999') AS a, to_char(78.12, '$99.99') AS b, to_char(-12.5, '99.9S') AS c, to_char(12454, '99,999') AS d, to_varchar(7, '099') AS e, to_char(DATE '2024-03-05', 'yyyy/MM') AS f

-- name: like
SELECT 'Spark' LIKE 'S%' AS a, 'Spark' LIKE '_park' AS b, 'Spark' LIKE 's%' AS c, 'a%b' LIKE 'a\%b' AS d, 'axb' LIKE 'a\%b' AS e, '' LIKE '%' AS f, NULL LIKE 'a' AS g, 'a\nb' LIKE 'a%b' AS h

-- name: like-escape
SELECT '10%' LIKE '10/%' ESCAPE '/' AS a, 'a_b' LIKE 'a#_b' ESCAPE '#' AS b

-- name: like-bad-escape
SELECT 'a' LIKE 'a\\b' AS a

-- name: like-any-all
SELECT 'Spark' LIKE ANY ('a%', 'S%') AS a, 'Spark' LIKE ALL ('S%', '%k') AS b, 'Spark' NOT LIKE ANY ('S%', 'x%') AS c, 'Spark' NOT LIKE ALL ('a%', 'b%') AS d

-- name: ilike
SELECT 'Spark' ILIKE 'sp%' AS a, 'ÉCOLE' ILIKE 'éc%' AS b, 'x' NOT ILIKE 'X' AS c, ilike('Spark', 's_ark') AS d

-- name: like-column
SELECT name FROM people WHERE name LIKE '%i%' OR city LIKE '大%'

-- name: not-like
SELECT id FROM people WHERE city NOT LIKE 'L%'

-- name: rlike
SELECT 'Spark 3' RLIKE '[0-9]' AS a, 'abc' RLIKE '^b' AS b, 'abc' REGEXP 'b.$' AS c, regexp_like('a1', '\\d') AS d, rlike('x', 'y') AS e, NULL RLIKE 'a' AS f, 'a' NOT RLIKE 'b' AS g

-- name: rlike-column
SELECT name FROM people WHERE name RLIKE '^[A-C]' ORDER BY name

-- name: rlike-malformed
SELECT 'a' RLIKE '(' AS x

-- name: regexp-extract
SELECT regexp_extract('100-200', '(\\d+)-(\\d+)', 1) AS a, regexp_extract('100-200', '(\\d+)-(\\d+)', 2) AS b, regexp_extract('100-200', '(\\d+)', 0) AS c, regexp_extract('x', '(\\d+)') AS d, regexp_extract('foo', '(f)(z)?', 2) AS e

-- name: regexp-extract-group-out-of-range
SELECT regexp_extract('100-200', '(\\d+)', 3) AS x

-- name: regexp-extract-all
SELECT regexp_extract_all('100-200, 300-400', '(\\d+)-(\\d+)', 1) AS a, regexp_extract_all('100-200', '\\d+', 0) AS b, regexp_extract_all('x', '(\\d)', 1) AS c

-- name: regexp-replace
SELECT regexp_replace('100-200', '(\\d+)', 'num') AS a, regexp_replace('a1b2', '([a-z])(\\d)', '$2$1') AS b, regexp_replace('aaa', 'a', 'b', 2) AS c, regexp_replace('Hello', '(?i)h', 'j') AS d, regexp_replace('a.b', '\\.', '') AS e

-- name: regexp-count-instr-substr
SELECT regexp_count('Steven Jones and Stephen Smith', 'Ste(v|ph)en') AS a, regexp_instr('a1b2', '\\d') AS b, regexp_substr('Steven Jones', 'J\\w+') AS c, regexp_substr('x', '\\d') AS d, regexp_instr('abc', 'z') AS e

-- name: regexp-unicode
SELECT regexp_replace('naïve café', '[^a-z ]', '_') AS a, regexp_extract('日本 42', '(\\d+)') AS b, 'é' RLIKE '^.$' AS c, 'é' RLIKE '\\w' AS d

-- name: regexp-lookahead
SELECT regexp_replace('price: 100', '(?<=: )\\d+', 'x') AS a, 'foobar' RLIKE 'foo(?=bar)' AS b

-- name: encode-decode
SELECT hex(encode('é', 'UTF-8')) AS a, hex(encode('é', 'UTF-16BE')) AS b, decode(X'C3A9', 'UTF-8') AS c, hex(encode('é', 'ISO-8859-1')) AS d

-- name: encode-unmappable
SELECT encode('日', 'US-ASCII') AS x

-- name: encode-unknown-charset
SELECT encode('a', 'nonsense') AS x

-- name: utf8-validation
SELECT is_valid_utf8('é') AS a, validate_utf8('ok') AS b, make_valid_utf8('ok') AS c, try_validate_utf8('x') AS d

-- name: sentences
SELECT sentences('Hi there! Good morning.') AS s

-- name: str-to-map
SELECT str_to_map('a:1,b:2') AS a, str_to_map('a=1;b', ';', '=') AS b, str_to_map('') AS c

-- name: parse-url
SELECT parse_url('https://user@spark.apache.org:80/path/x?query=1&b=2#ref', 'HOST') AS h, parse_url('https://spark.apache.org/path?query=1', 'QUERY', 'query') AS q, parse_url('https://spark.apache.org/path?query=1', 'PATH') AS p, parse_url('https://spark.apache.org/path', 'PROTOCOL') AS t, parse_url('https://a.b/c', 'REF') AS r

-- name: url-encode
SELECT url_encode('a b&c=é/') AS e, url_decode('a+b%26c') AS d, try_url_decode('%zz') AS t

-- name: mask
SELECT mask('abcd-EFGH-8765-4321') AS a, mask('aB1-', 'Q', 'q', 'd', 'o') AS b, mask('aB1', NULL, 'q') AS c

-- name: luhn-quote
SELECT luhn_check('8112189876') AS a, luhn_check('79927398713') AS b, luhn_check('x') AS c

-- name: string-comparison
SELECT 'a' < 'B' AS a, 'abc' < 'abd' AS b, 'Z' < 'a' AS c, 'é' > 'z' AS d, '' < 'a' AS e, 'a' = 'a ' AS f

-- name: string-collation
SELECT 'a' COLLATE UTF8_LCASE = 'A' AS a, collation('x') AS b

-- name: strings-of-null
SELECT upper(NULL) AS a, length(NULL) AS b, substring(NULL, 1, 2) AS c, trim(NULL) AS d, split(NULL, ',') AS e, replace('a', NULL, 'b') AS f, lpad(NULL, 3, 'x') AS g

-- name: strings-of-numbers
SELECT upper(1.50) AS a, length(12345) AS b, concat(1.5D, DATE '2024-01-01') AS c, substring(12345, 2, 2) AS d, reverse(123) AS e, trim(5) AS f

-- name: strings-in-columns
SELECT name, upper(name) AS u, length(name) AS l, substring(name, 1, 2) AS s, reverse(name) AS r, lpad(name, 8, '.') AS p FROM people

-- name: hashtags-of-tweets
-- ordered
SELECT tag, count(*) AS count FROM (SELECT lower(regexp_replace(word, '[^#\\p{L}]', '')) AS tag FROM (SELECT explode(split(text, ' ')) AS word FROM tweets) WHERE word LIKE '#%') GROUP BY tag ORDER BY count DESC, tag

-- name: hashtags-of-tweets-by-regular-expression
-- ordered
SELECT tag, count(*) AS count FROM tweets LATERAL VIEW explode(regexp_extract_all(lower(text), '#\\w+', 0)) t AS tag GROUP BY tag ORDER BY count DESC, tag LIMIT 3

-- name: words-counted
-- ordered
SELECT lower(word) AS w, count(*) AS total FROM words WHERE word <> '' GROUP BY lower(word) ORDER BY total DESC, w

-- name: words-joined
SELECT line, array_join(transform(sort_array(collect_list(struct(position, word))), x -> x.word), ' ', '?') AS text FROM words GROUP BY line

-- name: quote-function
SELECT quote('Don''t') AS a
