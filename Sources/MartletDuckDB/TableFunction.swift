// Unsafe code. Invariant: DuckDB calls the functions below with the objects that were given to it, and releases each
// once. It calls `scanTable` on several threads for one scan, which its counter permits. A vector of DuckDB has space
// for 2,048 values of its type, which is that of the column.

import CDuckDB
import MartletCore
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

extension RegisteredTables {
  /// The name of the function by which SQL reads tables of Swift.
  static let functionName = "martlet_table"

  /// Creates the function in a database.
  /// - Throws: `MartletError(.invalidState)` if DuckDB refuses it.
  func createFunction(_ connection: duck_connection) throws {
    var function = duck_create_table_function()
    defer { duck_destroy_table_function(&function) }
    duck_table_function_set_name(function, Self.functionName)
    DuckType.int64.withLogicalType { duck_table_function_add_parameter(function, $0) }
    duck_table_function_set_extra_info(
      function, Unmanaged.passRetained(self).toOpaque(), { release(RegisteredTables.self, $0) })
    duck_table_function_supports_projection_pushdown(function, true)
    duck_table_function_set_bind(function, bindTable)
    duck_table_function_set_init(function, beginScan)
    duck_table_function_set_function(function, scanTable)
    guard duck_register_table_function(connection, function) == 0 else {
      throw MartletError(.invalidState, "DuckDB does not accept the function '\(Self.functionName)'.")
    }
  }
}

/// One reading of a table.
private final class TableScan {
  let table: ColumnTable
  /// The columns that DuckDB wants, in its order; `nil` for one whose values it does not use.
  let wanted: [Int?]
  /// The number of chunks that have been given out.
  let next = Atomic<Int>(0)

  init(_ table: ColumnTable, wanted: [Int?]) {
    self.table = table
    self.wanted = wanted
  }

  /// Writes the next chunk; one without rows at the end.
  func fill(_ chunk: duck_data_chunk?) {
    let number = next.add(1, ordering: .relaxed).oldValue
    let ends = table.chunkEnds
    guard let last = ends.last, number < last else { return duck_data_chunk_set_size(chunk, 0) }
    let index = piece(of: number, ends)
    let piece = table.pieces[index]
    let start = (number - (index == 0 ? 0 : ends[index - 1])) * ColumnTable.rowsPerChunk
    let count = min(ColumnTable.rowsPerChunk, piece.count - start)
    for (position, column) in wanted.enumerated() {
      guard let column else { continue }
      copy(piece.columns[column], start, count, duck_data_chunk_get_vector(chunk, UInt64(position)))
    }
    duck_data_chunk_set_size(chunk, UInt64(count))
  }

  /// The piece that contains a chunk: the first whose end is greater.
  private func piece(of chunk: Int, _ ends: [Int]) -> Int {
    var (low, high) = (0, ends.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if ends[middle] > chunk { high = middle } else { low = middle + 1 }
    }
    return low
  }

  private func copy(_ column: ColumnData, _ start: Int, _ count: Int, _ vector: duck_vector?) {
    let stride = column.type.stride
    memcpy(duck_vector_get_data(vector), column.base + start * stride, count * stride)
    guard let validity = column.validity else { return }
    duck_vector_ensure_validity_writable(vector)
    // `start` is a multiple of 64, so whole words can be copied; the column has a bit for each value and more.
    memcpy(duck_vector_get_validity(vector), validity + start / 64, (count + 63) / 64 * 8)
  }
}

private func bindTable(_ info: duck_bind_info?) {
  var argument = duck_bind_get_parameter(info, 0)
  defer { duck_destroy_value(&argument) }
  // Safe: this is the object that `createFunction` gave.
  let tables = Unmanaged<RegisteredTables>.fromOpaque(duck_bind_get_extra_info(info)).takeUnretainedValue()
  let id = duck_is_null_value(argument) ? 0 : duck_get_int64(argument)
  guard let table = tables[id] else {
    return duck_bind_set_error(
      info,
      "There is no table with the number \(id) in Swift's memory any more. A view can be read only as long as the data "
        + "that it was created from is kept.")
  }
  for column in table.columns {
    column.type.duckType.withLogicalType { duck_bind_add_result_column(info, column.name, $0) }
  }
  duck_bind_set_cardinality(info, UInt64(table.count), true)
  duck_bind_set_bind_data(info, Unmanaged.passRetained(table).toOpaque(), { release(ColumnTable.self, $0) })
}

private func beginScan(_ info: duck_init_info?) {
  // Safe: this is the object that `bindTable` gave.
  let table = Unmanaged<ColumnTable>.fromOpaque(duck_init_get_bind_data(info)).takeUnretainedValue()
  let wanted = (0..<duck_init_get_column_count(info)).map { position -> Int? in
    // Numbers beyond the columns are those of rows, which only `count(*)` asks for, and ignores.
    let index = duck_init_get_column_index(info, position)
    return index < UInt64(table.columns.count) ? Int(index) : nil
  }
  // A thread is worth starting for some chunks only.
  duck_init_set_max_threads(info, UInt64(max(1, (table.chunkEnds.last ?? 0) / 4)))
  duck_init_set_init_data(
    info, Unmanaged.passRetained(TableScan(table, wanted: wanted)).toOpaque(), { release(TableScan.self, $0) })
}

private func scanTable(_ info: duck_function_info?, _ chunk: duck_data_chunk?) {
  // Safe: this is the object that `beginScan` gave, which DuckDB releases after the scan.
  Unmanaged<TableScan>.fromOpaque(duck_function_get_init_data(info))._withUnsafeGuaranteedRef { $0.fill(chunk) }
}

/// Releases an object that was given to DuckDB.
func release<Object: AnyObject>(_: Object.Type, _ address: UnsafeMutableRawPointer?) {
  if let address { Unmanaged<Object>.fromOpaque(address).release() }
}
