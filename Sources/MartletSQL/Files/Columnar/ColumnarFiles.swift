internal import MartletColumnar

/// A format of files whose values Swift decodes.
protocol ColumnarFiles: Sendable {
  /// Rows before they are decoded, such as a block of a file.
  associatedtype Part: Sendable
  associatedtype Parts: ColumnarParts<Part>

  /// The columns that readers decode.
  var fields: [ColumnarField] { get }

  /// Opens a file.
  func parts(of path: String) throws -> Parts

  /// A reader of the parts of the file that `part` is from.
  /// - Parameter wanted: for each of `fields`, whether it is decoded.
  func makeReader(for part: Part, wanted: [Bool]) throws -> any ColumnarReader<Part>
}

/// The parts of a file one after another.
protocol ColumnarParts<Part>: Sendable {
  associatedtype Part

  /// The next part; `nil` at the end of the file.
  mutating func next() throws -> Part?
}

/// Decodes the parts of one file. One thread at a time uses it.
protocol ColumnarReader<Part>: AnyObject {
  associatedtype Part

  func begin(_ part: Part) throws
  /// The next rows of the part, about `limit`, with the columns that are wanted; `nil` at its end. They are valid until the
  /// next call.
  func next(_ limit: Int) throws -> ColumnarBatch?
}
