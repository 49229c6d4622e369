// Unsafe code. Invariant: DuckDB calls `callFunction` with the function that was given to it, which it releases once.
// It does so on several threads at once, which is safe because a function is `Sendable`.

import CDuckDB
import MartletCore

/// A closure that SQL can call by a name.
///
/// ```swift
/// try database.register(ScalarFunction("double") { (x: Int64) in 2 * x })
/// try connection.query("SELECT double(i) FROM range(10) t(i)")
/// ```
///
/// A null in a parameter that is not optional makes the result null, without a call. If the closure throws, the
/// statement fails with the description of its error. DuckDB calls it on several threads at once.
@usableFromInline package final class ScalarFunction: Sendable {
  package let name: String
  package let parameters: [DuckType]
  package let result: DuckType
  /// False if equal arguments can have different results, so that DuckDB calls the function for every row.
  package let isDeterministic: Bool
  /// The function in error messages.
  let title: String
  private let kernel: @Sendable (ScalarCall) throws -> Void

  @usableFromInline init(
    _ name: String, _ parameters: [DuckType], _ result: DuckType, isDeterministic: Bool, title: String?,
    kernel: @escaping @Sendable (ScalarCall) throws -> Void
  ) {
    self.name = name
    self.parameters = parameters
    self.result = result
    self.isDeterministic = isDeterministic
    self.title = title ?? "The function '\(name)'"
    self.kernel = kernel
  }

  @inlinable package convenience init<R: ScalarValue>(
    _ name: String, isDeterministic: Bool = true, title: String? = nil,
    _ body: @escaping @Sendable () throws -> R
  ) {
    self.init(name, [], R.duckType, isDeterministic: isDeterministic, title: title) { try $0.run(body) }
  }

  @inlinable package convenience init<A: ScalarValue, R: ScalarValue>(
    _ name: String, isDeterministic: Bool = true, title: String? = nil,
    _ body: @escaping @Sendable (A) throws -> R
  ) {
    self.init(name, [A.duckType], R.duckType, isDeterministic: isDeterministic, title: title) { try $0.run(body) }
  }

  @inlinable package convenience init<A: ScalarValue, B: ScalarValue, R: ScalarValue>(
    _ name: String, isDeterministic: Bool = true, title: String? = nil,
    _ body: @escaping @Sendable (A, B) throws -> R
  ) {
    self.init(name, [A.duckType, B.duckType], R.duckType, isDeterministic: isDeterministic, title: title) {
      try $0.run(body)
    }
  }

  @inlinable package convenience init<A: ScalarValue, B: ScalarValue, C: ScalarValue, R: ScalarValue>(
    _ name: String, isDeterministic: Bool = true, title: String? = nil,
    _ body: @escaping @Sendable (A, B, C) throws -> R
  ) {
    self.init(name, [A.duckType, B.duckType, C.duckType], R.duckType, isDeterministic: isDeterministic, title: title) {
      try $0.run(body)
    }
  }

  @inlinable package convenience init<A: ScalarValue, B: ScalarValue, C: ScalarValue, D: ScalarValue, R: ScalarValue>(
    _ name: String, isDeterministic: Bool = true, title: String? = nil,
    _ body: @escaping @Sendable (A, B, C, D) throws -> R
  ) {
    self.init(
      name, [A.duckType, B.duckType, C.duckType, D.duckType], R.duckType, isDeterministic: isDeterministic,
      title: title
    ) { try $0.run(body) }
  }

  fileprivate func call(_ info: duck_function_info?, _ chunk: duck_data_chunk?, _ vector: duck_vector?) {
    guard let call = ScalarCall(chunk, vector) else { return duck_scalar_function_set_error(info, "No vector.") }
    do { try kernel(call) } catch {
      duck_scalar_function_set_error(info, "\(title) threw an error: \(error)")
    }
  }
}

extension DuckDatabase {
  /// Makes a function callable by all connections.
  /// - Throws: `MartletError(.invalidArgument)` if DuckDB refuses it, for example for its name.
  package func register(_ function: ScalarFunction) throws {
    try connect().register(function)
  }
}

extension DuckConnection {
  /// Makes a function callable by all connections, in the transaction of this one if it has begun one.
  /// - Throws: `MartletError(.invalidArgument)` if DuckDB refuses it, for example for its name.
  package func register(_ function: ScalarFunction) throws {
    guard !function.name.isEmpty, !function.name.utf8.contains(0) else {
      throw MartletError(.invalidArgument, "The name of a function is empty, or contains a zero byte.")
    }
    var handle = duck_create_scalar_function()
    defer { duck_destroy_scalar_function(&handle) }
    duck_scalar_function_set_name(handle, function.name)
    for type in function.parameters { type.withLogicalType { duck_scalar_function_add_parameter(handle, $0) } }
    function.result.withLogicalType { duck_scalar_function_set_return_type(handle, $0) }
    // Without it, DuckDB answers null for a null without a call, whatever the parameter accepts.
    duck_scalar_function_set_special_handling(handle)
    if !function.isDeterministic { duck_scalar_function_set_volatile(handle) }
    duck_scalar_function_set_extra_info(
      handle, Unmanaged.passRetained(function).toOpaque(), { release(ScalarFunction.self, $0) })
    duck_scalar_function_set_function(handle, callFunction)
    guard duck_register_scalar_function(self.handle, handle) == 0 else {
      throw MartletError(
        .invalidArgument, "DuckDB does not accept the function '\(function.name)'. Is there one of that name?")
    }
  }
}

private func callFunction(_ info: duck_function_info?, _ chunk: duck_data_chunk?, _ vector: duck_vector?) {
  // Safe: this is the object that `register` gave.
  Unmanaged<ScalarFunction>.fromOpaque(duck_scalar_function_get_extra_info(info))._withUnsafeGuaranteedRef {
    $0.call(info, chunk, vector)
  }
}
