/// The errors of MariaDB and MySQL.
enum MariaDBErrors {
  static func error(_ number: UInt32, _ message: UnsafePointer<CChar>?) -> DatabaseError {
    let message = message.map { String(cString: $0) } ?? ""
    return DatabaseError(kind(number), code: number == 0 ? "" : "\(number)", message, column: column(message))
  }

  static func kind(_ number: UInt32) -> DatabaseError.Kind {
    switch number {
    case 1045, 1698, 2059, 1251, 1820: .authentication
    case 1044, 1142, 1143, 1227, 1290, 1792, 1836: .permission
    case 1049: .missingDatabase
    case 1146, 1051: .missingTable
    case 1054: .missingColumn
    case 1062, 1048, 1364, 1451, 1452, 1557, 1586, 3819, 4025: .constraint
    case 1264, 1265, 1292, 1366, 1367, 1406, 1411, 1690, 3140, 3156, 4078: .data
    case 1205, 1213, 1020, 3572: .conflict
    case 1021, 1114: .full
    case 1040, 1203, 2002, 2003, 2004, 2005: .unreachable
    case 1053, 1077, 1079, 1152, 1158...1161, 1184, 1927, 2006, 2012, 2013, 2026, 2027, 2048, 2055, 3169, 4031:
      .connectionLost
    default: .other
    }
  }

  /// The column in a message such as `Data too long for column 'name' at row 1`.
  private static func column(_ message: String) -> String? {
    guard let start = message.range(after: "column '") ?? message.range(after: "Column '"),
      let end = message[start...].firstIndex(of: "'")
    else { return nil }
    // The name may have those of the database and the table before it, in backticks.
    let name = message[start..<end]
    return String(name.split(separator: "`").last ?? name)
  }
}

extension String {
  /// The position after the first occurrence of a text.
  fileprivate func range(after text: String) -> Index? {
    firstRange(of: text)?.upperBound
  }
}
