internal import MartletCore

extension DataFrame {
  private func register(
    _ name: String, _ operation: String, isGlobal: Bool, replaces: Bool, _ file: StaticString, _ line: UInt
  ) throws {
    try session.register(
      TemporaryView(name: name, plan: input, isGlobal: isGlobal, replaces: replaces),
      OperatorSite(operation, file, line)
    )
  }

  /// The view is made on a thread that may block, since it waits for analysis.
  private func registering(
    _ name: String, _ operation: String, isGlobal: Bool, replaces: Bool, _ file: StaticString, _ line: UInt
  ) async throws {
    try await session.running(OperatorSite(operation, file, line)) {
      try register(name, operation, isGlobal: isGlobal, replaces: replaces, file, line)
    }
  }

  /// Gives the table a name in SQL text. A view of the same name is replaced as a whole: other tasks see the old one or
  /// the new one.
  ///
  /// ```swift
  /// try words.createOrReplaceTempView("words")
  /// try spark.sql("SELECT word, count(*) FROM words GROUP BY word").show()
  /// ```
  public func createOrReplaceTempView(
    _ name: String, file: StaticString = #fileID, line: UInt = #line
  ) throws {
    try register(name, "createOrReplaceTempView", isGlobal: false, replaces: true, file, line)
  }

  /// Gives the table a name in SQL text. A view of the same name is replaced as a whole: other tasks see the old one or
  /// the new one.
  public func createOrReplaceTempView(
    _ name: String, file: StaticString = #fileID, line: UInt = #line
  ) async throws {
    try await registering(name, "createOrReplaceTempView", isGlobal: false, replaces: true, file, line)
  }

  /// Gives the table a name in SQL text.
  /// - Throws: an error if there is a view of this name.
  public func createTempView(_ name: String, file: StaticString = #fileID, line: UInt = #line) throws {
    try register(name, "createTempView", isGlobal: false, replaces: false, file, line)
  }

  /// Gives the table a name in SQL text.
  /// - Throws: an error if there is a view of this name.
  public func createTempView(_ name: String, file: StaticString = #fileID, line: UInt = #line) async throws {
    try await registering(name, "createTempView", isGlobal: false, replaces: false, file, line)
  }

  /// Gives the table a name in the SQL text of all sessions, in the database `global_temp`.
  /// - Throws: an error if there is a global view of this name.
  public func createGlobalTempView(_ name: String, file: StaticString = #fileID, line: UInt = #line) throws {
    try register(name, "createGlobalTempView", isGlobal: true, replaces: false, file, line)
  }

  /// Gives the table a name in the SQL text of all sessions, in the database `global_temp`.
  /// - Throws: an error if there is a global view of this name.
  public func createGlobalTempView(_ name: String, file: StaticString = #fileID, line: UInt = #line) async throws {
    try await registering(name, "createGlobalTempView", isGlobal: true, replaces: false, file, line)
  }

  /// Gives the table a name in the SQL text of all sessions, in the database `global_temp`. A global view of the same name
  /// is replaced as a whole.
  public func createOrReplaceGlobalTempView(
    _ name: String, file: StaticString = #fileID, line: UInt = #line
  ) throws {
    try register(name, "createOrReplaceGlobalTempView", isGlobal: true, replaces: true, file, line)
  }

  /// Gives the table a name in the SQL text of all sessions, in the database `global_temp`. A global view of the same name
  /// is replaced as a whole.
  public func createOrReplaceGlobalTempView(
    _ name: String, file: StaticString = #fileID, line: UInt = #line
  ) async throws {
    try await registering(name, "createOrReplaceGlobalTempView", isGlobal: true, replaces: true, file, line)
  }

  /// Gives the table a name in SQL text.
  @available(*, deprecated, renamed: "createOrReplaceTempView")
  public func registerTempTable(_ name: String, file: StaticString = #fileID, line: UInt = #line) throws {
    try createOrReplaceTempView(name, file: file, line: line)
  }

  /// Gives the table a name in SQL text.
  @available(*, deprecated, renamed: "createOrReplaceTempView")
  public func registerTempTable(_ name: String, file: StaticString = #fileID, line: UInt = #line) async throws {
    try await createOrReplaceTempView(name, file: file, line: line)
  }

  // MARK: Retained rows

  /// Retains the rows once they are computed, for actions that follow. The frame is the same.
  @discardableResult
  public func cache() -> DataFrame { persist() }

  /// Retains the rows once they are computed: another spelling of `cache`.
  @discardableResult
  public func persist() -> DataFrame {
    session.setPersisted(true, self)
    return self
  }

  /// Lets go of the rows that `cache` retained. The frame is the same.
  @discardableResult
  public func unpersist() -> DataFrame {
    session.setPersisted(false, self)
    return self
  }
}
