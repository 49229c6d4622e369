/// The words to which the grammar of Spark SQL gives a meaning. All of them may also be names, where no rule expects them.
enum SQLKeyword: String, CaseIterable, Hashable, Sendable {
  case all, alter, analyze, and, anti, any, anyValue = "any_value", array, `as`, asc, between, bigint, binary
  case boolean, both, bucket, buckets, by, byte, cache, cascade, `case`, cast, catalog, char, character, clear, cluster
  case clustered, codegen, collate, columns, comment, cost, create, cross, cube, current
  case currentCatalog = "current_catalog", currentDatabase = "current_database", currentDate = "current_date"
  case currentSchema = "current_schema", currentTime = "current_time", currentTimestamp = "current_timestamp"
  case currentUser = "current_user", database, databases, date, dateAdd = "date_add", dateDiff = "date_diff"
  case dateadd, datediff, day, days, dayofyear, dec, decimal, `default`, delete, desc, describe, directory
  case distinct, distribute, div, double, drop, `else`, end, escape, except, exclude, exists, explain
  case extended, external, extract, `false`, filter, first, float, following, `for`, formatted, from, full
  case function, functions, global, group, grouping, having, hour, hours, identifier, `if`, ignore, ilike
  case `in`, include, inner, insert, int, integer, intersect, interval, into, `is`, join, last, lateral, lazy
  case leading, left, like, limit, local, localtimestamp, location, logical, long, map, microsecond
  case microseconds, millisecond, milliseconds, minute, minutes, month, months, name, namespace
  case namespaces, natural, not, null, nulls, numeric, of, offset, on, options, or
  case order, out, outer, over, overlay, overwrite, partition, partitioned, percent, pivot, placing, position
  case preceding, properties, purge, quarter, qualify, query, range, real, recursive, reduce, refresh, regexp,
    rename, repeatable
  case replace, reset, respect, restrict, right, rlike, rollup, row, rows, schema, schemas, second, seconds, select
  case semi, sessionUser = "session_user", set, setMinus = "minus", sets, short, show, smallint, some, sort, sorted,
    stored
  case string, `struct`, substr, substring, table, tables, tablesample, tblproperties, temp, temporary, then
  case time, timediff, timestamp, timestampLtz = "timestamp_ltz", timestampNtz = "timestamp_ntz", timestampadd
  case timestampdiff, tinyint, to, trailing, transform, trim, `true`, truncate, tryCast = "try_cast"
  case unbounded, uncache, union, unknown, unpivot, update, use, user, using, values, varchar, version, view, views
  case void, week, weeks, when, `where`, window, with, within, without, x, year, years, zone

  private static let byName = Dictionary(uniqueKeysWithValues: allCases.map { ($0.rawValue, $0) })
  private static let maximumLength = allCases.map(\.rawValue.utf8.count).max() ?? 0

  /// The keyword that is spelled like this, in upper or lower case.
  init?(_ bytes: ArraySlice<UInt8>) {
    guard bytes.count <= Self.maximumLength else { return nil }
    let lower = bytes.map { $0 >= 65 && $0 <= 90 ? $0 | 32 : $0 }
    guard let keyword = Self.byName[String(decoding: lower, as: UTF8.self)] else { return nil }
    self = keyword
  }

  /// The keyword as messages show it.
  var text: String { rawValue.uppercased() }

  /// A Boolean value that indicates whether the word is a name of a column or table only after `AS` or in backticks.
  ///
  /// Spark allows most of these words as names wherever no other reading is possible.
  var isReserved: Bool {
    switch self {
    case .all, .and, .as, .by, .case, .cross, .distinct, .else, .end, .except, .for, .from, .full, .group, .having, .in,
      .inner, .intersect, .into, .is, .join, .lateral, .limit, .natural, .not, .offset, .on, .or, .order, .select,
      .setMinus, .then,
      .union, .using, .when, .where, .with, .within:
      true
    default: false
    }
  }

  /// A Boolean value that indicates whether the word may follow a table as the beginning of a clause, so that it is no
  /// name for the table without `AS`.
  var beginsClauseAfterTable: Bool {
    switch self {
    case .anti, .left, .pivot, .qualify, .right, .semi, .tablesample, .unpivot: true
    default: isReserved
    }
  }
}
