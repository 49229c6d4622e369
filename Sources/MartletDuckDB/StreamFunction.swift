// Unsafe code. Invariant: DuckDB calls the functions below with the objects that were given to it, and releases each
// once. One thread at a time uses the local state of a scan. A vector of DuckDB has space for 2,048 values of its type,
// which is that of the column.

import CDuckDB
import MartletCore
import Synchronization

/// The streams of Swift that the statements of one database can read as `martlet_stream(id)`.
final class RegisteredStreams: Sendable {
  private let streams = Mutex<[Int64: any RowStream]>([:])
  private static let last = Atomic<Int64>(0)

  func add(_ stream: any RowStream) -> Int64 {
    let id = Self.last.add(1, ordering: .relaxed).newValue
    streams.withLock { $0[id] = stream }
    return id
  }

  func remove(_ id: Int64) {
    // Destroyed after the lock has been released.
    let stream = streams.withLock { $0.removeValue(forKey: id) }
    withExtendedLifetime(stream) {}
  }

  subscript(id: Int64) -> (any RowStream)? { streams.withLock { $0[id] } }

  /// Creates the function in a database.
  /// - Throws: `MartletError(.invalidState)` if DuckDB refuses it.
  func createFunction(_ connection: duck_connection) throws {
    var function = duck_create_table_function()
    defer { duck_destroy_table_function(&function) }
    duck_table_function_set_name(function, "martlet_stream")
    DuckType.int64.withLogicalType { duck_table_function_add_parameter(function, $0) }
    duck_table_function_set_extra_info(
      function, Unmanaged.passRetained(self).toOpaque(), { release(RegisteredStreams.self, $0) })
    duck_table_function_supports_projection_pushdown(function, true)
    duck_table_function_set_bind(function, bindStream)
    duck_table_function_set_init(function, beginStream)
    duck_table_function_set_local_init(function, beginThread)
    duck_table_function_set_function(function, readStream)
    guard duck_register_table_function(connection, function) == 0 else {
      throw MartletError(.invalidState, "DuckDB does not accept the function 'martlet_stream'.")
    }
  }
}

/// A stream that a statement names.
private final class BoundStream: Sendable {
  let stream: any RowStream

  init(_ stream: any RowStream) { self.stream = stream }
}

/// One reading of a stream.
private final class StreamScan: Sendable {
  let open: any OpenRowStream
  let columns: [TableColumn]
  /// For each column, its position in the chunks; `nil` if its values are not used.
  let positions: [Int?]
  /// The number of pieces that have been given out.
  let next = Atomic<Int>(0)

  init(_ stream: any RowStream, positions: [Int?]) throws {
    columns = stream.columns
    self.positions = positions
    open = try stream.open()
  }
}

/// The piece that a thread reads.
private final class ThreadState {
  var reader: (any RowReader)?

  /// Writes the next rows of this piece, or of the next ones that no other thread has.
  func fill(_ chunk: duck_data_chunk?, _ scan: StreamScan) throws {
    while true {
      if reader == nil {
        let piece = scan.next.add(1, ordering: .relaxed).oldValue
        guard piece < scan.open.pieces else { return duck_data_chunk_set_size(chunk, 0) }
        reader = try scan.open.reader(piece)
      }
      let count = try reader?.next(RowOutput(chunk, scan.columns, scan.positions)) ?? 0
      if count > 0 { return duck_data_chunk_set_size(chunk, UInt64(count)) }
      reader = nil
    }
  }
}

private func bindStream(_ info: duck_bind_info?) {
  var argument = duck_bind_get_parameter(info, 0)
  defer { duck_destroy_value(&argument) }
  // Safe: this is the object that `createFunction` gave.
  let streams = Unmanaged<RegisteredStreams>.fromOpaque(duck_bind_get_extra_info(info)).takeUnretainedValue()
  let id = duck_is_null_value(argument) ? 0 : duck_get_int64(argument)
  guard let stream = streams[id] else {
    return duck_bind_set_error(info, "There is no stream of rows with the number \(id) any more.")
  }
  for column in stream.columns {
    column.type.duckType.withLogicalType { duck_bind_add_result_column(info, column.name, $0) }
  }
  duck_bind_set_bind_data(
    info, Unmanaged.passRetained(BoundStream(stream)).toOpaque(), { release(BoundStream.self, $0) })
}

private func beginStream(_ info: duck_init_info?) {
  // Safe: this is the object that `bindStream` gave.
  let stream = Unmanaged<BoundStream>.fromOpaque(duck_init_get_bind_data(info)).takeUnretainedValue().stream
  var positions: [Int?] = Array(repeating: nil, count: stream.columns.count)
  for position in 0..<duck_init_get_column_count(info) {
    // Numbers beyond the columns are those of rows, which only `count(*)` asks for, and ignores.
    let index = duck_init_get_column_index(info, position)
    if index < UInt64(positions.count) { positions[Int(index)] = Int(position) }
  }
  do {
    let scan = try StreamScan(stream, positions: positions)
    duck_init_set_max_threads(info, UInt64(max(1, scan.open.pieces)))
    duck_init_set_init_data(info, Unmanaged.passRetained(scan).toOpaque(), { release(StreamScan.self, $0) })
  } catch { duck_init_set_error(info, "\(error)") }
}

private func beginThread(_ info: duck_init_info?) {
  duck_init_set_init_data(info, Unmanaged.passRetained(ThreadState()).toOpaque(), { release(ThreadState.self, $0) })
}

private func readStream(_ info: duck_function_info?, _ chunk: duck_data_chunk?) {
  // Safe: these are the objects that `beginStream` and `beginThread` gave, which DuckDB releases after the scan.
  Unmanaged<StreamScan>.fromOpaque(duck_function_get_init_data(info))._withUnsafeGuaranteedRef { scan in
    Unmanaged<ThreadState>.fromOpaque(duck_function_get_local_init_data(info))._withUnsafeGuaranteedRef { state in
      do { try state.fill(chunk, scan) } catch { duck_function_set_error(info, "\(error)") }
    }
  }
}
