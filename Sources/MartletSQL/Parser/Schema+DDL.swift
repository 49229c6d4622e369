import MartletCore

extension StructType {
  /// The columns that a text in DDL describes: `name STRING NOT NULL, address STRUCT<street: STRING, number: INT>`.
  ///
  /// - Throws: `MartletError` if the text is no list of names and types.
  public init(ddl: String) throws {
    self = try parsing(ddl, "a list of columns such as 'name STRING, age INT'") { parser in
      StructType(parser.isAtEnd ? [] : try parser.list { try $0.column().field })
    }
  }
}

extension DataType {
  /// The type that a text in DDL describes: `decimal(10, 2)`, `map<string, array<int>>`; or a struct, if the text is a
  /// list of columns: `name STRING, age INT`.
  ///
  /// - Throws: `MartletError` if the text is no type.
  public init(ddl: String) throws {
    do {
      self = try parsing(ddl, "a type such as 'array<int>'") { try $0.dataType() }
    } catch {
      guard let type = try? StructType(ddl: ddl), !type.fields.isEmpty else { throw error }
      self = .struct(type)
    }
  }
}

private func parsing<Result>(
  _ text: String, _ expected: String, _ rule: (inout SQLParser) throws -> Result
) throws -> Result {
  do {
    var parser = try SQLParser(text)
    return try parser.whole(rule)
  } catch let error as SQLSyntaxError {
    throw MartletError(.invalidArgument, "the text is not \(expected): \(error)", underlying: error)
  }
}
