public import MartletCore
public import MartletDuckDB
internal import MartletRDD
private import Synchronization

extension SparkSession {
  /// The functions of the program that SQL can call.
  ///
  /// ```swift
  /// try spark.udf.register("shout") { (text: String) -> String in text.uppercased() + "!" }
  /// try spark.sql("SELECT shout(word) FROM words").show()
  /// ```
  public var udf: UDFRegistration { UDFRegistration(session: self) }
}

/// Registers functions of the program for SQL.
///
/// A function is a closure of up to four parameters; their types and that of the result are those of ``ColumnValue``.
/// Arguments are converted to the types of the parameters. `NULL` in a parameter that is not optional makes the result
/// `NULL`, without a call. DuckDB calls the closure on several threads at once.
public struct UDFRegistration: Sendable {
  let session: SparkSession
}

/// A function of the program that SQL can call, for use in `DataFrame`s: `shout(col("word"))`.
public struct UserDefinedFunction: Sendable {
  /// The name in SQL.
  public let name: String

  /// A call of the function.
  public func callAsFunction(_ arguments: any ColumnConvertible...) -> Column {
    Column(.call(name, arguments.map(\.column.expression)))
  }
}

/// A call of a function that the program registered: another spelling of `call_udf`.
public func callUDF(_ name: String, _ columns: any ColumnConvertible...) -> Column {
  Column(.call(name, columns.map(\.column.expression)))
}

/// The form in which the engine passes a value to a function of the program.
@usableFromInline struct PassedValue<Base: ColumnValue>: ScalarValue {
  @usableFromInline let base: Base

  @inlinable @inline(__always) init(_ base: Base) { self.base = base }

  @usableFromInline static var duckType: DuckType { Base.dataType.columnType?.duckType ?? .varchar }
  @inlinable static var acceptsNull: Bool { Base.isNullable }
  @inlinable @inline(__always) static func read(_ row: Int, of input: ScalarInput) -> PassedValue {
    PassedValue(Base.read(row, of: FunctionArgument(input)))
  }
  @inlinable @inline(__always) func write(_ row: Int, of output: ScalarOutput) {
    base.write(row, of: FunctionResults(output))
  }
}

/// The number of functions that were registered, for the engine's names, which are unique.
private let functionCount = Atomic<Int>(0)

extension UDFRegistration {
  /// Registers a function of the engine under a name of its own, to which the session's name refers from now on.
  @usableFromInline
  func register(
    _ name: String, _ parameters: [ColumnForm], _ result: ColumnForm, _ site: OperatorSite,
    _ make: (_ engineName: String, _ title: String) -> ScalarFunction
  ) throws -> UserDefinedFunction {
    guard (try? SQLParser.parseName(name).count) == 1 else {
      throw MartletError(.invalidArgument, "\(site): '\(name)' is not a name for a function in SQL.")
    }
    for form in parameters + [result] where form.type.columnType == nil {
      throw MartletError(
        .invalidArgument,
        "\(site): the function '\(name)' has a parameter or result of the type \(form.type), which is "
          + "not the type of a column in memory.")
    }
    let engineName = "martlet_udf_\(functionCount.add(1, ordering: .relaxed).newValue)"
    let function = make(engineName, "The function '\(name)', registered at \(site.callSite),")
    do { try session.state.engine.database.register(function) } catch { throw site.failure(ofSource: error) }
    // A null where the closure is not called.
    let nullable: Bool? = result.nullable ? true : parameters.allSatisfy(\.nullable) ? false : nil
    session.state.register(
      scalar(
        name, takes: parameters.map { .of($0.type) }, gives: .of(result.type), as: "\(engineName)($*)",
        nullable: nullable))
    return UserDefinedFunction(name: name)
  }

  /// Registers a function without parameters.
  @discardableResult @inlinable
  public func register<Result: ColumnValue>(
    _ name: String, isDeterministic: Bool = true, file: StaticString = #fileID, line: UInt = #line,
    _ body: @escaping @Sendable () throws -> Result
  ) throws -> UserDefinedFunction {
    try register(
      name, [], ColumnForm(Result.self), OperatorSite("udf.register", file, line)
    ) { name, title in
      ScalarFunction(name, isDeterministic: isDeterministic, title: title) { () throws -> PassedValue<Result> in
        PassedValue(try body())
      }
    }
  }

  /// Makes a closure callable in SQL, and in `callUDF(_:_:)`. A function of the same name is replaced: queries that
  /// follow call the new one, views and frames that were resolved before the old one.
  ///
  /// If the closure throws, the query fails with an error that names the function and this line. `isDeterministic` is false
  /// if equal arguments can have different results, so that the closure is called for every row.
  /// - Throws: `MartletError` if the name is not one of a function, or the type of a parameter not one of a column.
  @discardableResult @inlinable
  public func register<A: ColumnValue, Result: ColumnValue>(
    _ name: String, isDeterministic: Bool = true, file: StaticString = #fileID, line: UInt = #line,
    _ body: @escaping @Sendable (A) throws -> Result
  ) throws -> UserDefinedFunction {
    try register(
      name, [ColumnForm(A.self)], ColumnForm(Result.self), OperatorSite("udf.register", file, line)
    ) { name, title in
      ScalarFunction(name, isDeterministic: isDeterministic, title: title) {
        (a: PassedValue<A>) throws -> PassedValue<Result> in
        PassedValue(try body(a.base))
      }
    }
  }

  /// `register` for a closure of two parameters.
  @discardableResult @inlinable
  public func register<A: ColumnValue, B: ColumnValue, Result: ColumnValue>(
    _ name: String, isDeterministic: Bool = true, file: StaticString = #fileID, line: UInt = #line,
    _ body: @escaping @Sendable (A, B) throws -> Result
  ) throws -> UserDefinedFunction {
    try register(
      name, [ColumnForm(A.self), ColumnForm(B.self)], ColumnForm(Result.self), OperatorSite("udf.register", file, line)
    ) { name, title in
      ScalarFunction(name, isDeterministic: isDeterministic, title: title) {
        (a: PassedValue<A>, b: PassedValue<B>) throws -> PassedValue<Result> in
        PassedValue(try body(a.base, b.base))
      }
    }
  }

  /// `register` for a closure of three parameters.
  @discardableResult @inlinable
  public func register<A: ColumnValue, B: ColumnValue, C: ColumnValue, Result: ColumnValue>(
    _ name: String, isDeterministic: Bool = true, file: StaticString = #fileID, line: UInt = #line,
    _ body: @escaping @Sendable (A, B, C) throws -> Result
  ) throws -> UserDefinedFunction {
    try register(
      name, [ColumnForm(A.self), ColumnForm(B.self), ColumnForm(C.self)], ColumnForm(Result.self),
      OperatorSite("udf.register", file, line)
    ) { name, title in
      ScalarFunction(name, isDeterministic: isDeterministic, title: title) {
        (a: PassedValue<A>, b: PassedValue<B>, c: PassedValue<C>) throws -> PassedValue<Result> in
        PassedValue(try body(a.base, b.base, c.base))
      }
    }
  }

  /// `register` for a closure of four parameters.
  @discardableResult @inlinable
  public func register<A: ColumnValue, B: ColumnValue, C: ColumnValue, D: ColumnValue, Result: ColumnValue>(
    _ name: String, isDeterministic: Bool = true, file: StaticString = #fileID, line: UInt = #line,
    _ body: @escaping @Sendable (A, B, C, D) throws -> Result
  ) throws -> UserDefinedFunction {
    try register(
      name, [ColumnForm(A.self), ColumnForm(B.self), ColumnForm(C.self), ColumnForm(D.self)], ColumnForm(Result.self),
      OperatorSite("udf.register", file, line)
    ) { name, title in
      ScalarFunction(name, isDeterministic: isDeterministic, title: title) {
        (a: PassedValue<A>, b: PassedValue<B>, c: PassedValue<C>, d: PassedValue<D>) throws -> PassedValue<Result> in
        PassedValue(try body(a.base, b.base, c.base, d.base))
      }
    }
  }
}
