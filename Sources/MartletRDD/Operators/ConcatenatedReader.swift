import MartletCore

/// Reads several readers in sequence, and creates each when the previous one ends.
final class ConcatenatedReader<Element>: ChunkReader<Element> {
  private var remaining: Range<Int>
  private let make: (Int) throws -> ChunkReader<Element>
  private var current: ChunkReader<Element>?

  init(_ numbers: Range<Int>, _ make: @escaping (Int) throws -> ChunkReader<Element>) {
    remaining = numbers
    self.make = make
  }

  override func next() throws -> Chunk<Element>? {
    while true {
      if let chunk = try current?.next() { return chunk }
      guard let number = remaining.popFirst() else { return nil }
      current = try make(number)
    }
  }
}
