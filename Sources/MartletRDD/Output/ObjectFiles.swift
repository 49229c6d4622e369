package import MartletCore

extension RDD {
  /// Writes the elements in binary form, which `objectFile` reads.
  ///
  /// `path` becomes a folder with a file for each partition, as for `saveAsTextFile(_:)` and with the same guarantee.
  /// Later versions of the program can read texts, strings, `Codable` values, and arrays, optionals and tuples of these
  /// as far as `Codable` allows. Numbers and structures of numbers are written as their raw bytes, for programs in
  /// which the type has the same layout.
  /// - Throws: `MartletError(.invalidState)` if `path` exists; `.invalidArgument` if the elements have no binary form:
  ///   instances of classes, and types that are not `Codable` and not composed of such.
  public func saveAsObjectFile(_ path: String, file: StaticString = #fileID, line: UInt = #line) throws {
    let site = OperatorSite("saveAsObjectFile", file, line)
    try save(.objects(site), in: OutputFolder(path, site), site)
  }
}

extension FileFormat where Element: Sendable {
  /// The form that `objectFile` reads.
  /// - Throws: `MartletError(.invalidArgument)` if the elements have no binary form.
  package static func objects(_ site: OperatorSite) throws -> FileFormat {
    .objects(try objectCodec(Element.self, site))
  }
}

extension ElementCodec {
  /// Appends the frame with which a file of elements begins.
  func appendForm(to bytes: ByteBuffer) throws {
    try FrameHeader.append(.form, count: 0, to: bytes) { $0.append(form) }
  }
}

extension MartletContext {
  /// The elements of a folder written by `saveAsObjectFile`; one partition for each file.
  ///
  /// Files that are damaged or truncated, or contain other elements, fail the job.
  /// - Parameter path: as for `textFile`.
  public func objectFile<Element: Sendable>(
    _ path: String, of type: Element.Type = Element.self, file: StaticString = #fileID, line: UInt = #line
  ) -> RDD<Element> {
    objectFile(.list(path), OperatorSite("objectFile", file, line))
  }

  func objectFile<Element: Sendable>(_ paths: InputPaths, _ site: OperatorSite) -> RDD<Element> {
    do { return ObjectFileRDD(NamedFiles(paths), try objectCodec(Element.self, site), self, site) } catch {
      return FailedRDD(self, site, error)
    }
  }
}

private func objectCodec<Element>(_ type: Element.Type, _ site: OperatorSite) throws -> ElementCodec<Element> {
  guard let codec = ElementCodec<Element>.makeDurable() else {
    throw MartletError(
      .invalidArgument,
      """
      \(site): elements of type \(type) have no binary form. Make the type a Codable \
      structure or enumeration.
      """)
  }
  return codec
}

/// The elements of files written by `saveAsObjectFile`.
private final class ObjectFileRDD<Element: Sendable>: PlannedRDD<InputFile, Element>, @unchecked Sendable {
  private let files: NamedFiles
  private let codec: ElementCodec<Element>

  init(_ files: NamedFiles, _ codec: ElementCodec<Element>, _ context: MartletContext, _ site: OperatorSite) {
    self.files = files
    self.codec = codec
    super.init(context: context, site: site)
  }

  override func plan() throws -> [InputFile] { try files.list(site) }

  override func read(_ input: InputFile) throws -> ChunkReader<Element> {
    let path = input.path
    let file = try SystemFile.read(path)
    if let planned = input.planned { try file.expect(planned) }
    let size = try input.planned?.size ?? file.size()
    let bytes = ByteBuffer()
    let header = try readFrame(file, 0..<size, into: bytes)
    let form = try refusing(file) {
      try header.verify(bytes.bytes)
      var reader = ByteReader(bytes.bytes)
      let form = try reader.string()
      try reader.expectEnd()
      return form
    }
    guard header.kind == .form, form == codec.form else {
      throw MartletError(
        .corruptData,
        "The file '\(path)' contains elements of the form \(form), not \(codec.form). Read it with the type that was written."
      )
    }
    return FrameReader(file, [FrameHeader.size + header.length..<size], codec, expectsEnd: true)
  }
}
