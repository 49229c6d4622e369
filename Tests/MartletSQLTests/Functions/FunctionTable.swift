/// The functions of Spark that Martlet has in Swift, from which Sources/MartletSQL/DataFrame/Functions is generated.
///
/// A function has the name that Spark gives it in Scala, Python and SQL. A line is a function: the name, the arguments,
/// and the comment. An argument is a column, or the name of one; with `'`, a constant or a column, and a string is text;
/// with `?`, it may be left out; with `...`, there may be any number.
enum FunctionTable {
  struct Theme {
    /// The name of the file, and the first words of its comment.
    let name: String
    let functions: [Function]
  }

  struct Function {
    let name: String
    let parameters: [Parameter]
    let comment: String
  }

  struct Parameter {
    let name: String
    let isConstant: Bool
    let isOptional: Bool
    let isVariadic: Bool
  }

  /// The names of the functions that are written by hand in `SpecialFunctions.swift`, as calls have them.
  static let special = [
    "count", "when", "first", "last", "first_value", "last_value", "any_value", "lag", "lead", "nth_value", "sum",
    "transform", "filter", "exists", "forall", "aggregate", "reduce", "zip_with", "transform_keys", "transform_values",
    "map_filter", "map_zip_with", "array_sort", "from_json", "to_json", "from_csv", "to_csv", "schema_of_json",
    "schema_of_csv", "listagg", "string_agg", "window", "unix_timestamp",
  ]

  /// The names of all functions.
  static var names: [String] { (themes.flatMap(\.functions).map(\.name) + special).sorted() }

  static let themes: [Theme] = text.split(separator: "\n# ").map { section in
    let lines = section.split(separator: "\n")
    return Theme(name: String(lines[0].drop { $0 == "#" || $0 == " " }), functions: lines.dropFirst().map(function))
  }

  private static func function(_ line: Substring) -> Function {
    let open = line.firstIndex(of: "(")!  // every line of the table has one
    let close = line.firstIndex(of: ")")!
    let parameters = line[line.index(after: open)..<close].split(separator: ", ").map { text in
      var name = text[...]
      let isConstant = name.hasPrefix("'")
      if isConstant { name.removeFirst() }
      let isVariadic = name.hasSuffix("...")
      if isVariadic { name.removeLast(3) }
      let isOptional = name.hasSuffix("?")
      if isOptional { name.removeLast() }
      return Parameter(
        name: String(name), isConstant: isConstant, isOptional: isOptional, isVariadic: isVariadic)
    }
    let comment = line[line.index(after: close)...].drop { $0 == " " }
    return Function(name: String(line[..<open]), parameters: parameters, comment: String(comment))
  }

  private static let text = #"""
    # Aggregate
    approx_count_distinct(col, 'rsd?) The approximate number of different values, with a relative standard deviation.
    approx_percentile(col, 'percentage, 'accuracy?) An approximate percentile; an array of them for an array.
    array_agg(col) The values in an array.
    avg(col) The mean of the values.
    bit_and(col) The bits that are set in all values.
    bit_or(col) The bits that are set in any value.
    bit_xor(col) The bits that are set in an odd number of values.
    bool_and(col) True if all values are true.
    bool_or(col) True if any value is true.
    collect_list(col) The values in an array.
    collect_set(col) The different values in an array.
    corr(col1, col2) The correlation of two columns.
    count_if(col) The number of rows where a condition holds.
    covar_pop(col1, col2) The covariance of two columns of a population.
    covar_samp(col1, col2) The covariance of two columns of a sample.
    every(col) True if all values are true.
    grouping(col) 1 if the column is aggregated in this row of a rollup or cube, and otherwise 0.
    grouping_id(cols...) The number whose bits say which columns are aggregated in this row of a rollup or cube.
    histogram_numeric(col, 'bins) A histogram with so many bins.
    kurtosis(col) The kurtosis of the values.
    max(col) The greatest value.
    max_by(col, ord) The value in the row where another column is greatest.
    mean(col) The mean of the values.
    median(col) The median of the values.
    min(col) The smallest value.
    min_by(col, ord) The value in the row where another column is smallest.
    mode(col) The most frequent value.
    percentile(col, 'percentage, 'frequency?) An exact percentile; an array of them for an array.
    percentile_approx(col, 'percentage, 'accuracy?) An approximate percentile; an array of them for an array.
    product(col) The product of the values.
    regr_avgx(y, x) The mean of `x` in the rows where both columns have values.
    regr_avgy(y, x) The mean of `y` in the rows where both columns have values.
    regr_count(y, x) The number of rows where both columns have values.
    regr_intercept(y, x) The intercept of the line of least squares.
    regr_r2(y, x) The coefficient of determination.
    regr_slope(y, x) The slope of the line of least squares.
    regr_sxx(y, x) The sum of the squared distances of `x` from its mean.
    regr_sxy(y, x) The sum of the products of the distances of both columns from their means.
    regr_syy(y, x) The sum of the squared distances of `y` from its mean.
    skewness(col) The skewness of the values.
    some(col) True if any value is true.
    std(col) The standard deviation of a sample.
    stddev(col) The standard deviation of a sample.
    stddev_pop(col) The standard deviation of a population.
    stddev_samp(col) The standard deviation of a sample.
    try_avg(col) The mean of the values; `NULL` if it is out of range.
    try_sum(col) The sum of the values; `NULL` if it is out of range.
    var_pop(col) The variance of a population.
    var_samp(col) The variance of a sample.
    variance(col) The variance of a sample.

    # Ranking
    cume_dist() The fraction of the rows of the window partition that are not after this one.
    dense_rank() The rank of the row in its window partition, without gaps after equal rows.
    ntile('n) The number, from 1, of the row's part if the window partition is divided into so many parts.
    percent_rank() The rank of the row in its window partition, from 0 to 1.
    rank() The rank of the row in its window partition, from 1, with gaps after equal rows.
    row_number() The number of the row in its window partition, from 1.

    # Conditional
    assert_true(col, 'errMsg?) `NULL` if a condition holds; otherwise an error.
    coalesce(cols...) The first value that is not `NULL`.
    equal_null(col1, col2) True where both values are equal, or both are `NULL`.
    greatest(cols...) The greatest value of several columns, without those that are `NULL`.
    ifnull(col1, col2) The second value where the first one is `NULL`.
    isnan(col) True where the value is `NaN`.
    isnotnull(col) True where the value is not `NULL`.
    isnull(col) True where the value is `NULL`.
    least(cols...) The smallest value of several columns, without those that are `NULL`.
    nanvl(col1, col2) The second value where the first one is `NaN`.
    not(col) True where a condition does not hold.
    nullif(col1, col2) `NULL` where both values are equal, and otherwise the first one.
    nullifzero(col) `NULL` where the number is zero.
    nvl(col1, col2) The second value where the first one is `NULL`.
    nvl2(col1, col2, col3) The second value where the first one is not `NULL`, and otherwise the third one.
    raise_error('errMsg) An error with a message.
    zeroifnull(col) Zero where the number is `NULL`.

    # Math
    abs(col) The absolute value.
    acos(col) The arc cosine, in radians.
    acosh(col) The inverse hyperbolic cosine.
    asin(col) The arc sine, in radians.
    asinh(col) The inverse hyperbolic sine.
    atan(col) The arc tangent, in radians.
    atan2(y, x) The angle of a point, in radians.
    atanh(col) The inverse hyperbolic tangent.
    bin(col) The number in the binary system, as text.
    bit_count(col) The number of bits that are set.
    bit_get(col, pos) The bit at a position, from 0 at the right.
    bitwise_not(col) The number with all bits inverted.
    bround(col, 'scale?) The number rounded to so many digits after the point; halves to the even neighbor.
    cbrt(col) The cube root.
    ceil(col, 'scale?) The number rounded up, to so many digits after the point.
    ceiling(col, 'scale?) The number rounded up, to so many digits after the point.
    conv(col, 'fromBase, 'toBase) A number as text, converted from one base to another.
    cos(col) The cosine of an angle in radians.
    cosh(col) The hyperbolic cosine.
    cot(col) The cotangent of an angle in radians.
    csc(col) The cosecant of an angle in radians.
    degrees(col) The angle in degrees.
    e() Euler's number.
    exp(col) The exponential function.
    expm1(col) The exponential function minus 1.
    factorial(col) The factorial of a number from 0 to 20.
    floor(col, 'scale?) The number rounded down, to so many digits after the point.
    getbit(col, pos) The bit at a position, from 0 at the right.
    hex(col) The number, text or binary data in the hexadecimal system.
    hypot(a, b) The length of the hypotenuse of a right triangle.
    ln(col) The natural logarithm.
    log(base, col?) The logarithm of a number to a base; the natural logarithm of a single argument.
    log10(col) The logarithm to the base 10.
    log1p(col) The natural logarithm of the number plus 1.
    log2(col) The logarithm to the base 2.
    negative(col) The number with the other sign.
    pi() The ratio of a circle's circumference to its diameter.
    pmod(dividend, divisor) The remainder, which is not negative for a positive divisor.
    positive(col) The number itself.
    pow(base, exponent) A power.
    power(base, exponent) A power.
    radians(col) The angle in radians.
    rand('seed?) A random number from 0, less than 1.
    randn('seed?) A random number of the standard normal distribution.
    rint(col) The nearest whole number, as a `DOUBLE`.
    round(col, 'scale?) The number rounded to so many digits after the point; halves away from zero.
    sec(col) The secant of an angle in radians.
    shiftleft(col, 'numBits) The bits of a number shifted to the left.
    shiftright(col, 'numBits) The bits of a number shifted to the right, with its sign.
    shiftrightunsigned(col, 'numBits) The bits of a number shifted to the right, filled with zeros.
    sign(col) The sign of the number: -1, 0 or 1.
    signum(col) The sign of the number: -1, 0 or 1.
    sin(col) The sine of an angle in radians.
    sinh(col) The hyperbolic sine.
    sqrt(col) The square root.
    tan(col) The tangent of an angle in radians.
    tanh(col) The hyperbolic tangent.
    try_add(left, right) The sum; `NULL` if it is out of range.
    try_divide(left, right) The quotient; `NULL` for a division by zero.
    try_mod(left, right) The remainder; `NULL` for a division by zero.
    try_multiply(left, right) The product; `NULL` if it is out of range.
    try_subtract(left, right) The difference; `NULL` if it is out of range.
    unhex(col) The binary data of a hexadecimal number.
    uniform('min, 'max, 'seed?) A random number between two numbers.
    width_bucket(value, min, max, bucketCount) The number, from 1, of the part of a range that has the value.

    # Text
    ascii(col) The code of the first character.
    base64(col) Binary data as text in Base64.
    bit_length(col) The number of bits.
    btrim(str, trim?) The text without blanks, or other characters, at both ends.
    char(col) The character of a code.
    char_length(str) The number of characters.
    character_length(str) The number of characters.
    chr(col) The character of a code.
    concat(cols...) The texts, binary data or arrays one after another.
    concat_ws('sep, cols...) The texts one after another, with a separator between them, without those that are `NULL`.
    contains(left, right) True where the first text contains the second one.
    decode(col, 'charset) The text of binary data in a character set.
    elt(inputs...) The argument whose position, from 1, is the first argument.
    encode(col, 'charset) The text as binary data in a character set.
    endswith(str, suffix) True where the first text ends with the second one.
    find_in_set(str, strArray) The position, from 1, of a text in a list with commas.
    format_number(col, 'd) The number with commas between thousands, and so many digits after the point.
    format_string('format, cols...) The values in a format of `printf`.
    ilike(str, pattern, 'escapeChar?) `like` that ignores case.
    initcap(col) The text with the first letter of each word in upper case.
    instr(str, 'substring) The position, from 1, of a part of the text; 0 if there is none.
    is_valid_utf8(str) True where the text is valid UTF-8.
    jaro_winkler_similarity(left, right) The similarity of two texts, from 0 to 1.
    lcase(str) The text in lower case.
    left(str, len) The first characters.
    length(col) The number of characters, or of bytes of binary data.
    levenshtein(left, right, 'threshold?) The number of changes that make one text of the other.
    like(str, pattern, 'escapeChar?) True where the text matches a pattern of SQL.
    locate('substring, str, 'pos?) The position, from 1, of a part of the text; 0 if there is none.
    lower(col) The text in lower case.
    lpad(col, 'len, 'pad) The text with padding on the left, of exactly this length.
    ltrim(col, trim?) The text without blanks, or other characters, on the left.
    mask(col, 'upperChar?, 'lowerChar?, 'digitChar?, 'otherChar?) The text with its letters and digits masked.
    octet_length(col) The number of bytes.
    overlay(src, replacement, pos, len?) The text with a part replaced, from a position on.
    position(substring, str, start?) The position, from 1, of a part of the text; 0 if there is none.
    printf(format, cols...) The values in a format of `printf`.
    quote(col) The text in single quotation marks.
    randstr('length, 'seed?) Random letters and digits.
    regexp(str, regexp) True where a regular expression is found.
    regexp_count(str, regexp) The number of matches of a regular expression.
    regexp_extract(str, 'pattern, 'idx?) The first match of a group of a regular expression; empty if there is none.
    regexp_extract_all(str, regexp, 'idx?) All matches of a group of a regular expression.
    regexp_instr(str, regexp, 'idx?) The position, from 1, of the first match of a regular expression.
    regexp_like(str, regexp) True where a regular expression is found.
    regexp_replace(string, 'pattern, 'replacement) The text with all matches of a regular expression replaced.
    regexp_substr(str, regexp) The first match of a regular expression.
    repeat(col, n) The text several times.
    replace(src, search, replacement?) The text with a part replaced, or removed, everywhere.
    right(str, len) The last characters.
    rlike(str, regexp) True where a regular expression is found.
    rpad(col, 'len, 'pad) The text with padding on the right, of exactly this length.
    rtrim(col, trim?) The text without blanks, or other characters, on the right.
    sentences(string, language?, country?) The words of each sentence.
    soundex(col) The code of the sound of a word.
    split(str, 'pattern, 'limit?) The parts of the text between matches of a regular expression.
    split_part(src, delimiter, partNum) The part with a number, from 1, between delimiters; from the end if negative.
    startswith(str, prefix) True where the first text begins with the second one.
    substr(str, pos, len?) The part of the text from a position, from 1.
    substring(str, pos, len) The part of the text from a position, from 1.
    substring_index(str, 'delim, 'count) The text before the delimiter that has a number; after it, from the end, if negative.
    to_binary(col, 'format?) The binary data of text in `hex`, `utf-8` or `base64`.
    to_char(col, 'format) The number, date or time in a format, as text.
    to_number(col, 'format) The number of text in a format.
    to_varchar(col, 'format) The number, date or time in a format, as text.
    translate(col, 'matching, 'replacement) The text with characters replaced one by one.
    trim(col, trim?) The text without blanks, or other characters, at both ends.
    try_to_binary(col, 'format?) `to_binary` that is `NULL` where the text is not in the format.
    try_to_number(col, 'format) `to_number` that is `NULL` where the text is not in the format.
    ucase(str) The text in upper case.
    unbase64(col) The binary data of text in Base64.
    upper(col) The text in upper case.

    # Time
    add_months(start, months) The date so many months later.
    convert_timezone('sourceTz, 'targetTz, sourceTs) The time without a time zone, converted from one zone to another.
    curdate() The date of today.
    current_date() The date of today.
    current_timestamp() The time at which the query began.
    current_timezone() The time zone of the session.
    date_add(start, days) The date so many days later.
    date_diff(end, start) The number of days from one date to another.
    date_format(date, 'format) The date or time as text in a format such as `yyyy-MM-dd`.
    date_from_unix_date(days) The date so many days after 1970-01-01.
    date_part('field, source) A part of a date, time or interval, such as `year`.
    date_sub(start, days) The date so many days earlier.
    date_trunc('format, timestamp) The beginning of the unit, such as `hour`, that has the time.
    dateadd(start, days) The date so many days later.
    datediff(end, start) The number of days from one date to another.
    datepart('field, source) A part of a date, time or interval, such as `year`.
    day(col) The day of the month.
    dayname(col) The name of the day of the week, such as `Mon`.
    dayofmonth(col) The day of the month.
    dayofweek(col) The day of the week, from 1 for Sunday.
    dayofyear(col) The day of the year, from 1.
    extract('field, source) A part of a date, time or interval, such as `year`.
    from_unixtime(timestamp, 'format?) The time so many seconds after 1970-01-01, as text.
    from_utc_timestamp(timestamp, 'tz) The time in a time zone that corresponds to a time in UTC.
    hour(col) The hour.
    last_day(date) The last day of the month.
    localtimestamp() The time at which the query began, without a time zone.
    make_date(year, month, day) A date from its parts.
    make_dt_interval(days?, hours?, mins?, secs?) An interval of days and times.
    make_interval(years?, months?, weeks?, days?, hours?, mins?, secs?) An interval from its parts.
    make_timestamp(years, months, days, hours, mins, secs, timezone?) A time from its parts.
    make_timestamp_ltz(years, months, days, hours, mins, secs, timezone?) A time from its parts.
    make_timestamp_ntz(years, months, days, hours, mins, secs) A time without a time zone from its parts.
    make_ym_interval(years?, months?) An interval of years and months.
    minute(col) The minute.
    month(col) The month, from 1.
    monthname(col) The name of the month, such as `Jan`.
    months_between(date1, date2, 'roundOff?) The number of months from the second date to the first one.
    next_day(date, 'dayOfWeek) The next day of the week of a name, after a date.
    now() The time at which the query began.
    quarter(col) The quarter of the year, from 1.
    second(col) The second.
    session_window(timeColumn, 'gapDuration) The session of a time: a window that ends after a gap without rows.
    timestamp_micros(col) The time so many microseconds after 1970-01-01.
    timestamp_millis(col) The time so many milliseconds after 1970-01-01.
    timestamp_seconds(col) The time so many seconds after 1970-01-01.
    to_date(col, 'format?) The date of text, in a format such as `yyyy-MM-dd`.
    to_timestamp(col, 'format?) The time of text, in a format such as `yyyy-MM-dd HH:mm:ss`.
    to_timestamp_ltz(timestamp, 'format?) The time of text.
    to_timestamp_ntz(timestamp, 'format?) The time of text, without a time zone.
    to_unix_timestamp(timestamp, 'format?) The seconds from 1970-01-01 to a time.
    to_utc_timestamp(timestamp, 'tz) The time in UTC that corresponds to a time in a time zone.
    trunc(date, 'format) The first day of the unit, such as `month`, that has the date.
    try_make_interval(years?, months?, weeks?, days?, hours?, mins?, secs?) `make_interval` that is `NULL` if it is out of range.
    try_make_timestamp(years, months, days, hours, mins, secs, timezone?) `make_timestamp` that is `NULL` if there is no such time.
    try_to_date(col, 'format?) `to_date` that is `NULL` where the text is not a date.
    try_to_timestamp(col, 'format?) `to_timestamp` that is `NULL` where the text is not a time.
    unix_date(col) The number of days from 1970-01-01 to a date.
    unix_micros(col) The microseconds from 1970-01-01 to a time.
    unix_millis(col) The milliseconds from 1970-01-01 to a time.
    unix_seconds(col) The seconds from 1970-01-01 to a time.
    weekday(col) The day of the week, from 0 for Monday.
    weekofyear(col) The number of the week in the year, as in ISO 8601.
    window_time(windowColumn) The last time of a window.
    year(col) The year.

    # Collection
    array(cols...) An array of values.
    array_append(col, 'value) The array with one more element at its end.
    array_compact(col) The array without `NULL`.
    array_contains(col, 'value) True where the array contains a value.
    array_distinct(col) The different elements.
    array_except(col1, col2) The elements of the first array that are not in the second one.
    array_insert(arr, pos, 'value) The array with an element inserted at a position, from 1.
    array_intersect(col1, col2) The elements that are in both arrays.
    array_join(col, 'delimiter, 'nullReplacement?) The elements as text, with a delimiter between them.
    array_max(col) The greatest element.
    array_min(col) The smallest element.
    array_position(col, 'value) The position, from 1, of a value; 0 if there is none.
    array_prepend(col, 'value) The array with one more element at its beginning.
    array_remove(col, 'element) The array without a value.
    array_repeat(col, count) An array with a value several times.
    array_size(col) The number of elements.
    array_union(col1, col2) The different elements of both arrays.
    arrays_overlap(a1, a2) True where both arrays have an element in common.
    arrays_zip(cols...) An array of structs, each with the elements of all arrays at one position.
    cardinality(col) The number of elements of an array or map.
    element_at(col, 'extraction) The element at a position, from 1, or the value of a key.
    flatten(col) The elements of an array of arrays in one array.
    get(col, index) The element at a position, from 0; `NULL` if there is none.
    map_concat(cols...) The pairs of several maps.
    map_contains_key(col, 'value) True where the map has a key.
    map_entries(col) The pairs as an array of structs.
    map_from_arrays(col1, col2) A map from an array of keys and one of values.
    map_from_entries(col) A map from an array of structs.
    map_keys(col) The keys in an array.
    map_values(col) The values in an array.
    named_struct(cols...) A struct from names and values in turn.
    reverse(col) The text or array in reverse order.
    sequence(start, stop, step?) An array from a value to another one.
    shuffle(col, 'seed?) The array in random order.
    size(col) The number of elements of an array or map.
    slice(x, start, length) A part of the array, from a position, from 1; from the end if negative.
    sort_array(col, 'asc?) The array in order.
    str_to_map(text, 'pairDelim?, 'keyValueDelim?) A map from text such as `a:1,b:2`.
    struct(cols...) A struct of columns.
    try_element_at(col, 'extraction) `element_at` that is `NULL` if there is no such element.

    # Generator
    explode(col) A row for each element of an array or pair of a map.
    explode_outer(col) `explode` that retains a row for an empty array or map, with `NULL`.
    inline(col) A row with the fields of each struct of an array.
    inline_outer(col) `inline` that retains a row for an empty array, with `NULL`.
    posexplode(col) A row for each element of an array or pair of a map, with its position from 0.
    posexplode_outer(col) `posexplode` that retains a row for an empty array or map, with `NULL`.
    stack(cols...) The values in so many rows as the first argument says.

    # JSON and URL
    get_json_object(col, 'path) The text at a path, such as `$.a[0]`, in a JSON text.
    json_array_length(col) The number of elements of a JSON array.
    json_object_keys(col) The keys of a JSON object.
    json_tuple(col, 'fields...) A column for each of several keys of a JSON object.
    parse_url(url, partToExtract, key?) A part of a URL.
    try_parse_url(url, partToExtract, key?) `parse_url` that is `NULL` where the text is not a URL.
    try_url_decode(str) `url_decode` that is `NULL` where the text cannot be decoded.
    url_decode(str) The text of an encoded part of a URL.
    url_encode(str) The text encoded as a part of a URL.

    # Hash
    crc32(col) The CRC-32 of binary data or text.
    hash(cols...) A hash of several values, of 32 bits.
    md5(col) The MD5 of binary data or text, in the hexadecimal system.
    sha(col) The SHA-1 of binary data or text, in the hexadecimal system.
    sha1(col) The SHA-1 of binary data or text, in the hexadecimal system.
    sha2(col, 'numBits) The SHA-2 of 224, 256, 384 or 512 bits, in the hexadecimal system.
    uuid() A random identifier.
    xxhash64(cols...) A hash of several values, of 64 bits.

    # Session
    current_catalog() The name of the current catalog.
    current_database() The name of the current database.
    current_schema() The name of the current database.
    current_user() The name of the user.
    input_file_name() The name of the file that the row was read from.
    monotonically_increasing_id() A number for each row, which is greater for later rows.
    session_user() The name of the user.
    spark_partition_id() The number of the partition of the row.
    typeof(col) The name of the value's type.
    user() The name of the user.
    version() The version of Martlet.
    """#
}
