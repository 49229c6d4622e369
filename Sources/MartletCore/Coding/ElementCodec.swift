// Unsafe code. Invariant: `write` reads, and `read` writes, `count` elements that lie `stride` bytes apart; `read`
// leaves all of them initialised, or throws and leaves none.

/// Turns elements into bytes and back, a run of them at a time.
///
/// Runs are written field by field: all keys, then all values. A codec is found at run time by `make(for:)`; types for
/// which there is none stay in memory wherever others would be written to disk.
package struct ElementCodec<Element>: Sendable {
  typealias Write = @Sendable (_ base: UnsafeRawPointer, _ stride: Int, _ count: Int, _ out: ByteBuffer) throws -> Void
  typealias Read =
    @Sendable (_ target: UnsafeMutableRawPointer, _ stride: Int, _ count: Int, _ bytes: inout ByteReader) throws -> Void
  typealias Measure = @Sendable (_ element: UnsafeRawPointer, _ footprint: inout Footprint) -> Void

  /// What the bytes mean, in words: two codecs of the same form read each other's bytes.
  package let form: String
  let write: Write
  let read: Read
  /// Adds what an element points to; `nil` if elements point to nothing.
  let measure: Measure?

  init(form: String, write: @escaping Write, read: @escaping Read, measure: Measure?) {
    self.form = form
    self.write = write
    self.read = read
    self.measure = measure
  }

  /// Whether elements are written as their memory.
  var isPlain: Bool { form.hasPrefix("raw ") }

  /// Whether the bytes may be read by another build of the program: the form says all that they mean.
  var isDurable: Bool { PlainDescription.isComplete(form: form) }

  /// Appends `count` elements, which stay their owner's.
  package func encode(_ base: UnsafePointer<Element>, _ count: Int, into out: ByteBuffer) throws {
    try write(base, MemoryLayout<Element>.stride, count, out)
  }

  /// Initialises `count` elements at `target` from exactly the bytes given, or throws and leaves none.
  package func decode(_ bytes: UnsafeRawBufferPointer, _ count: Int, to target: UnsafeMutablePointer<Element>) throws {
    var reader = ByteReader(bytes)
    try read(target, MemoryLayout<Element>.stride, count, &reader)
    do { try reader.expectEnd() } catch {
      target.deinitialize(count: count)
      throw error
    }
  }

  /// About how many bytes `count` elements point to, judged by a few of them.
  package func pointedBytes(_ base: UnsafePointer<Element>, _ count: Int, samples: Int = 16) -> Int {
    guard let (footprint, measured) = footprint(base, count, samples: samples) else { return 0 }
    return footprint.bytes * count / measured
  }

  /// What about so many of `count` elements point to, and how many these are; `nil` if nothing is to be measured.
  func footprint(
    _ base: UnsafePointer<Element>, _ count: Int, samples: Int
  ) -> (footprint: Footprint, measured: Int)? {
    guard let measure, count > 0 else { return nil }
    var footprint = Footprint()
    var measured = 0
    for i in Swift.stride(from: 0, to: count, by: max(1, count / samples)) {
      measure(base + i, &footprint)
      measured += 1
    }
    return (footprint, measured)
  }
}

/// The memory that elements point to.
package struct Footprint {
  /// Bytes that the elements need.
  package var bytes = 0
  /// Bytes of the text blocks that the elements keep alive, whether they need them or not.
  package var pinned = 0
  /// How many such blocks there are.
  package var blocks: Int { seen.count }
  private var last: ObjectIdentifier?
  private var seen: Set<ObjectIdentifier> = []

  package init() {}

  /// Adds a text of `count` bytes within `buffer`.
  mutating func add(textBytes count: Int, in buffer: TextBuffer) {
    bytes += count
    let block = ObjectIdentifier(buffer)
    if block != last {
      last = block
      if seen.insert(block).inserted { pinned += buffer.capacity }
    }
  }
}
