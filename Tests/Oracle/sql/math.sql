-- Mathematical functions, conversions of bases, and hashes.

-- name: round-half-up
SELECT round(2.5) AS a, round(-2.5) AS b, round(2.345, 2) AS c, round(1234.5, -2) AS d, round(15, -1) AS e, round(2.5D) AS f, round(0.285D, 2) AS g

-- name: round-types
SELECT typeof(round(2.5)) AS a, typeof(round(2.345, 2)) AS b, typeof(round(2.5D, 1)) AS c, typeof(round(5)) AS d, typeof(round(5L, -1)) AS e

-- name: round-of-specials
SELECT id, round(real, 1) AS r FROM extremes

-- name: round-overflow
SELECT round(2147483647, -1) AS x

-- name: bround
SELECT bround(2.5) AS a, bround(3.5) AS b, bround(-2.5) AS c, bround(2.345, 2) AS d, bround(25, -1) AS e

-- name: floor-ceil
SELECT floor(1.7) AS a, ceil(1.2) AS b, floor(-1.2) AS c, ceiling(-1.7D) AS d, typeof(floor(1.5D)) AS e, typeof(ceil(1.5)) AS f, floor(5) AS g

-- name: floor-ceil-with-scale
SELECT floor(3.1411, 3) AS a, ceil(3.1411, -3) AS b, ceil(-12.345, 1) AS c

-- name: floor-of-nan
SELECT floor(double('NaN')) AS a, ceil(double('Infinity')) AS b

-- name: abs-sign
SELECT abs(-5) AS a, abs(-1.5) AS b, sign(-3) AS c, signum(0D) AS d, sign(2.5) AS e, abs(INTERVAL '-1' DAY) AS f, positive(5) AS g, negative(5) AS h

-- name: sqrt-cbrt
SELECT sqrt(2) AS a, sqrt(-1) AS b, cbrt(27) AS c, cbrt(-8) AS d, hypot(3, 4) AS e

-- name: power-exp
SELECT power(2, 10) AS a, pow(2, -1) AS b, pow(0, 0) AS c, exp(1) AS d, expm1(1e-10D) AS e, e() AS f, pi() AS g, power(-8, 1.0D / 3) AS h

-- name: logarithms
SELECT ln(10) AS a, log(10) AS b, log(2, 8) AS c, log10(1000) AS d, log2(8) AS e, log1p(1) AS f

-- name: logarithms-of-zero-and-less
SELECT ln(0) AS a, log10(-1) AS b, log(2, 0) AS c, log1p(-1) AS d, log2(-8) AS e

-- name: trigonometry
SELECT sin(1) AS a, cos(1) AS b, tan(1) AS c, asin(0.5) AS d, acos(0.5) AS e, atan(1) AS f, atan2(1, -1) AS g, asin(2) AS h

-- name: trigonometry-hyperbolic
SELECT sinh(1) AS a, cosh(1) AS b, tanh(1) AS c, asinh(1) AS d, acosh(2) AS e, atanh(0.5) AS f, acosh(0) AS g

-- name: trigonometry-others
SELECT cot(1) AS a, sec(1) AS b, csc(1) AS c, degrees(pi()) AS d, radians(180) AS e

-- name: rint
SELECT rint(2.5D) AS a, rint(3.5D) AS b, rint(-0.4D) AS c

-- name: factorial
SELECT factorial(0) AS a, factorial(5) AS b, factorial(20) AS c, factorial(21) AS d, factorial(-1) AS e

-- name: mod-of-doubles
SELECT 5.5D % 2D AS a, -5.5D % 2D AS b, mod(10, 3) AS c, 1D % double('NaN') AS d

-- name: mod-of-double-by-zero
SELECT 5.5D % 0D AS a

-- name: base-conversions
SELECT conv('ff', 16, 10) AS a, conv('100', 2, 16) AS b, conv('-10', 10, 16) AS c, conv('zz', 36, 10) AS d, conv('12x', 10, 16) AS e, bin(13) AS f, bin(-1) AS g, conv(255, 10, -16) AS h

-- name: hex-unhex
SELECT hex(255) AS a, hex('Spark') AS b, hex(X'00FF') AS c, hex(-1) AS d, unhex('537061726B') AS e, hex(unhex('F')) AS f

-- name: unhex-malformed
SELECT unhex('xyz') AS x

-- name: hash-functions
SELECT md5('Spark') AS a, sha1('Spark') AS b, sha('Spark') AS c, sha2('Spark', 256) AS d, sha2('Spark', 0) AS e, crc32('Spark') AS f

-- name: hash-functions-sha2-lengths
SELECT length(sha2('x', 224)) AS a, length(sha2('x', 384)) AS b, length(sha2('x', 512)) AS c, sha2('x', 5) AS d

-- name: hash-functions-null
SELECT md5(NULL) AS a, crc32(NULL) AS b, hash(NULL) AS c, xxhash64(NULL) AS d

-- name: hash-murmur
SELECT hash('Spark') AS a, hash(1) AS b, hash(1L) AS c, hash('Spark', array(123), 2) AS d, hash(1.5D) AS e

-- name: hash-xxhash64
SELECT xxhash64('Spark') AS a, xxhash64(1) AS b, xxhash64('a', 1, NULL) AS c

-- name: base64
SELECT base64('Spark SQL') AS a, unbase64('U3Bhcms=') AS b, CAST(unbase64('U3Bhcms=') AS STRING) AS c, base64(X'') AS d

-- name: uniform-functions
SELECT typeof(random(5)) AS a, typeof(uniform(1, 10, 0)) AS b

-- name: sequence-sum
SELECT aggregate(sequence(1, 100), 0, (a, x) -> a + x) AS s

-- name: math-of-nulls
SELECT sqrt(NULL) AS a, round(NULL) AS b, power(NULL, 2) AS c, greatest(NULL, NULL) AS d, abs(NULL) AS e

-- name: math-of-columns
SELECT id, sqrt(abs(real)) AS s, ln(abs(real)) AS l FROM extremes WHERE id IN (1, 2, 4, 6, 7, 9)

-- name: math-of-strings
SELECT sqrt('16') AS a, abs('-2') AS b, round('2.567', 1) AS c, power('2', 3) AS d
