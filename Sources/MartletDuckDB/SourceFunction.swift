// Unsafe code. Invariant: DuckDB calls the functions below with the objects that were given to it, and releases each
// once. It calls `readSource` on several threads for one scan, each of which has a `ThreadReader` of its own.

import CDuckDB
import MartletCore

extension RegisteredSources {
  /// The name of the function by which SQL reads sources.
  static let functionName = "martlet_source"

  /// Creates the function in a database.
  /// - Throws: `MartletError(.invalidState)` if DuckDB refuses it.
  func createFunction(_ connection: duck_connection) throws {
    var function = duck_create_table_function()
    defer { duck_destroy_table_function(&function) }
    duck_table_function_set_name(function, Self.functionName)
    DuckType.int64.withLogicalType { duck_table_function_add_parameter(function, $0) }
    duck_table_function_set_extra_info(
      function, Unmanaged.passRetained(self).toOpaque(), { release(RegisteredSources.self, $0) })
    duck_table_function_supports_projection_pushdown(function, true)
    duck_table_function_set_bind(function, bindSource)
    duck_table_function_set_init(function, beginSource)
    duck_table_function_set_local_init(function, beginThread)
    duck_table_function_set_function(function, readSource)
    guard duck_register_table_function(connection, function) == 0 else {
      throw MartletError(.invalidState, "DuckDB does not accept the function '\(Self.functionName)'.")
    }
  }
}

/// A source, as an object of one type.
private final class BoundSource {
  let source: any VectorSource

  init(_ source: any VectorSource) { self.source = source }
}

/// One reading of a source.
private final class BoundScan {
  let scan: any VectorScan
  /// For each column of the chunk, whether its values are written.
  let isWanted: [Bool]

  init(_ scan: any VectorScan, isWanted: [Bool]) {
    self.scan = scan
    self.isWanted = isWanted
  }
}

/// The reader of one thread, which is made when the thread reads for the first time.
private final class ThreadReader {
  private var reader: (any VectorReader)?

  func fill(_ chunk: duck_data_chunk?, _ bound: BoundScan) throws {
    let reader = try self.reader ?? bound.scan.makeReader()
    self.reader = reader
    let outputs = bound.isWanted.enumerated().compactMap { index, isWanted in
      isWanted ? VectorOutput(duck_data_chunk_get_vector(chunk, UInt64(index))) : nil
    }
    let count = try reader.read(into: outputs)
    precondition(count <= VectorOutput.capacity, "A reader has written more rows than a chunk has.")
    duck_data_chunk_set_size(chunk, UInt64(count))
  }
}

private func bindSource(_ info: duck_bind_info?) {
  var argument = duck_bind_get_parameter(info, 0)
  defer { duck_destroy_value(&argument) }
  // Safe: this is the object that `createFunction` gave.
  let sources = Unmanaged<RegisteredSources>.fromOpaque(duck_bind_get_extra_info(info)).takeUnretainedValue()
  let id = duck_is_null_value(argument) ? 0 : duck_get_int64(argument)
  guard let source = sources[id] else {
    return duck_bind_set_error(
      info,
      "There is no source with the number \(id) any more. A view can be read only as long as the frame that it was "
        + "created from is kept.")
  }
  for column in source.columns {
    column.type.withLogicalType { duck_bind_add_result_column(info, column.name, $0) }
  }
  duck_bind_set_bind_data(
    info, Unmanaged.passRetained(BoundSource(source)).toOpaque(), { release(BoundSource.self, $0) })
}

private func beginSource(_ info: duck_init_info?) {
  // Safe: this is the object that `bindSource` gave.
  let source = Unmanaged<BoundSource>.fromOpaque(duck_init_get_bind_data(info)).takeUnretainedValue().source
  let count = source.columns.count
  let wanted = (0..<duck_init_get_column_count(info)).map { position -> Int? in
    // Numbers beyond the columns are those of rows, which only `count(*)` asks for, and ignores.
    let index = duck_init_get_column_index(info, position)
    return index < UInt64(count) ? Int(index) : nil
  }
  do {
    let scan = try source.scan(wanted)
    duck_init_set_max_threads(info, UInt64(max(1, scan.threads)))
    let bound = BoundScan(scan, isWanted: wanted.map { $0 != nil })
    duck_init_set_init_data(info, Unmanaged.passRetained(bound).toOpaque(), { release(BoundScan.self, $0) })
  } catch { duck_init_set_error(info, "\(error)") }
}

private func beginThread(_ info: duck_init_info?) {
  duck_init_set_init_data(
    info, Unmanaged.passRetained(ThreadReader()).toOpaque(), { release(ThreadReader.self, $0) })
}

private func readSource(_ info: duck_function_info?, _ chunk: duck_data_chunk?) {
  // Safe: these are the objects that `beginSource` and `beginThread` gave, which DuckDB releases after the scan.
  let bound = Unmanaged<BoundScan>.fromOpaque(duck_function_get_init_data(info)).takeUnretainedValue()
  let thread = Unmanaged<ThreadReader>.fromOpaque(duck_function_get_local_init_data(info)).takeUnretainedValue()
  do { try thread.fill(chunk, bound) } catch { duck_function_set_error(info, "\(error)") }
}
