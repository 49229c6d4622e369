// Unsafe code. Invariant: a descriptor is -1 once it has been closed, and is closed once; the process is waited for once.

import CMartlet

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A child process, fed and read by the thread that uses it. Neither waits forever for the other, whatever the program
/// reads and writes, and in which order.
package final class SystemProcess: ByteSource {
  private let command: [String]
  /// The next bytes for the program; `nil` if there are no more.
  private let feed: () throws -> [UInt8]?
  private var process: pid_t
  private var input: Int32
  private var output: Int32
  private var errors: Int32
  private var unsent: [UInt8] = []
  private var sent = 0
  private var lastErrors: [UInt8] = []

  /// Starts the program.
  ///
  /// - Parameters:
  ///   - command: the program, looked up in `PATH` if it has no slash, and its arguments.
  ///   - environment: additions to the environment of this process.
  ///   - directory: its working directory; that of this process if `nil`.
  package init(
    _ command: [String], environment: [String: String], directory: String?, feed: @escaping () throws -> [UInt8]?
  ) throws {
    self.command = command
    self.feed = feed
    for text in command + environment.flatMap({ [$0.key, $0.value] }) + [directory ?? ""] { try refuseZeroByte(text) }
    let (ownInput, itsInput) = try Self.makePipe(ownEnd: 1)
    let (ownOutput, itsOutput) = try Self.makePipe(ownEnd: 0)
    let (ownErrors, itsErrors) = try Self.makePipe(ownEnd: 0)
    input = ownInput
    output = ownOutput
    errors = ownErrors
    process = 0
    let (started, status) = Self.spawn(command, environment, directory, [itsInput, itsOutput, itsErrors])
    for descriptor in [itsInput, itsOutput, itsErrors] { close(descriptor) }
    guard status == 0 else {
      closeAll()
      let place = directory.map { " in '\($0)'" } ?? ""
      throw MartletError.system("Cannot run '\(command.joined(separator: " "))'\(place)", errno: status)
    }
    process = started
    for descriptor in [input, output, errors] { _ = fcntl(descriptor, F_SETFL, O_NONBLOCK) }
  }

  deinit {
    closeAll()
    guard process > 0 else { return }
    // The rest of its output is not needed.
    kill(process, SIGKILL)
    _ = waitForEnd()
  }

  /// Reads the output of the program; at its end, throws if the program has failed.
  package func read(_ target: UnsafeMutableRawPointer, count: Int) throws -> Int {
    while output >= 0 {
      try exchange()
      let got = systemRead(output, target, count)
      if got > 0 { return got }
      if got == 0 {
        closeOne(&output)
      } else if errno != EAGAIN && errno != EINTR {
        throw MartletError.system("Cannot read from '\(command[0])'", errno: errno)
      }
    }
    while input >= 0 { try exchange() }
    try end()
    return 0
  }

  /// Waits until a pipe is ready, writes input, and reads standard error.
  private func exchange() throws {
    var descriptors = [
      pollfd(fd: input, events: Int16(POLLOUT), revents: 0), pollfd(fd: output, events: Int16(POLLIN), revents: 0),
      pollfd(fd: errors, events: Int16(POLLIN), revents: 0),
    ]
    while poll(&descriptors, 3, -1) < 0 {
      if errno != EINTR { throw MartletError.system("Cannot wait for '\(command[0])'", errno: errno) }
    }
    if descriptors[2].revents != 0 { readErrors() }
    if descriptors[0].revents != 0 { try write() }
  }

  private func write() throws {
    if sent == unsent.count {
      guard let more = try feed() else { return closeOne(&input) }
      unsent = more
      sent = 0
      if more.isEmpty { return }
    }
    let written = unsent.withUnsafeBytes { bytes in
      withoutBrokenPipeSignal { systemWrite(input, bytes.baseAddress.map { $0 + sent }, bytes.count - sent) }
    }
    if written >= 0 {
      sent += written
    } else if errno == EPIPE {
      // The program may stop reading its input.
      closeOne(&input)
    } else if errno != EAGAIN && errno != EINTR {
      throw MartletError.system("Cannot write to '\(command[0])'", errno: errno)
    }
  }

  private func readErrors() {
    var bytes = [UInt8](repeating: 0, count: 4096)
    let got = systemRead(errors, &bytes, bytes.count)
    if got == 0 { closeOne(&errors) }
    guard got > 0 else { return }
    lastErrors += bytes.prefix(got)
    if lastErrors.count > 8192 { lastErrors.removeFirst(lastErrors.count - 4096) }
  }

  /// Waits for the program after its output and input have ended, and throws if it has failed.
  private func end() throws {
    guard process > 0 else { return }
    // It may still write to standard error, and other processes that it has started may never close the descriptor.
    var status: Int32 = 0
    var ended = waitpid(process, &status, WNOHANG)
    while ended == 0 {
      var waiting = pollfd(fd: errors, events: Int16(POLLIN), revents: 0)
      if poll(&waiting, 1, 10) > 0 { readErrors() }
      ended = waitpid(process, &status, WNOHANG)
    }
    process = 0
    guard ended > 0 else {
      closeAll()
      throw MartletError(
        .inputOutput,
        """
        The exit status of the command '\(command.joined(separator: " "))' is unknown, because this process ignores \
        SIGCHLD, or waits for its children elsewhere. If its parent process ignores the signal, call signal(SIGCHLD, \
        SIG_DFL) at the beginning of the program.
        """)
    }
    while errors >= 0 {
      let before = lastErrors.count
      readErrors()
      if lastErrors.count == before { break }
    }
    closeAll()
    guard status != 0 else { return }
    let signal = status & 0x7f
    let reason = signal == 0 ? "ended with status \(status >> 8 & 0xff)" : "was ended by signal \(signal)"
    let said = String(decoding: lastErrors, as: UTF8.self)
    throw MartletError(
      .inputOutput,
      "The command '\(command.joined(separator: " "))' \(reason)\(said.isEmpty ? "." : ", with the message: \(said)")")
  }

  private func waitForEnd() -> Int32 {
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0 && errno == EINTR {}
    process = 0
    return status
  }

  private func closeOne(_ descriptor: inout Int32) {
    close(descriptor)
    descriptor = -1
  }

  private func closeAll() {
    for descriptor in [input, output, errors] where descriptor >= 0 { close(descriptor) }
    (input, output, errors) = (-1, -1, -1)
  }

  /// A pipe that no other program inherits. This process keeps the end `ownEnd`: 0 to read, 1 to write.
  private static func makePipe(ownEnd: Int) throws -> (own: Int32, other: Int32) {
    var ends: [Int32] = [-1, -1]
    guard martlet_pipe(&ends) == 0 else { throw MartletError.system("Cannot make a pipe", errno: errno) }
    return (ends[ownEnd], ends[1 - ownEnd])
  }

  /// Starts the program with these descriptors as 0, 1 and 2; returns its id, and an error code or 0.
  private static func spawn(
    _ command: [String], _ environment: [String: String], _ directory: String?, _ descriptors: [Int32]
  ) -> (process: pid_t, status: Int32) {
    #if canImport(Darwin)
      var actions: posix_spawn_file_actions_t?
      var attributes: posix_spawnattr_t?
    #else
      var actions = posix_spawn_file_actions_t()
      var attributes = posix_spawnattr_t()
    #endif
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    #if canImport(Darwin)
      posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_CLOEXEC_DEFAULT))
    #endif
    for (number, descriptor) in descriptors.enumerated() {
      posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(number))
    }
    if let directory {
      let status = martlet_spawn_in_folder(&actions, directory)
      if status != 0 { return (0, status) }
    }
    var arguments = command.map { strdup($0) } + [nil]
    let variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0.key)=\($0.value)") }
    defer { for text in arguments + variables { free(text) } }
    var all: [UnsafeMutablePointer<CChar>?] = []
    var next = martlet_environment()
    while let text = next?.pointee {
      let name = String(cString: text).prefix { $0 != "=" }
      if environment[String(name)] == nil { all.append(text) }
      next = next?.successor()
    }
    all += variables
    all.append(nil)
    var process: pid_t = 0
    let status = posix_spawnp(&process, command[0], &actions, &attributes, &arguments, &all)
    return (process, status)
  }
}

/// Calls `write` without the signal that would end this process if nothing reads the pipe.
package func withoutBrokenPipeSignal(_ write: () -> Int) -> Int {
  var signals = sigset_t()
  var before = sigset_t()
  var pending = sigset_t()
  sigemptyset(&signals)
  sigaddset(&signals, SIGPIPE)
  sigpending(&pending)
  let wasPending = sigismember(&pending, SIGPIPE) == 1
  pthread_sigmask(SIG_BLOCK, &signals, &before)
  let result = write()
  let code = errno
  if result < 0 && code == EPIPE && !wasPending {
    sigpending(&pending)
    var signal: Int32 = 0
    if sigismember(&pending, SIGPIPE) == 1 { sigwait(&signals, &signal) }
  }
  pthread_sigmask(SIG_SETMASK, &before, nil)
  errno = code
  return result
}

private func systemRead(_ descriptor: Int32, _ target: UnsafeMutableRawPointer, _ count: Int) -> Int {
  #if canImport(Glibc)
    Glibc.read(descriptor, target, count)
  #elseif canImport(Musl)
    Musl.read(descriptor, target, count)
  #else
    Darwin.read(descriptor, target, count)
  #endif
}

private func systemWrite(_ descriptor: Int32, _ source: UnsafeRawPointer?, _ count: Int) -> Int {
  #if canImport(Glibc)
    Glibc.write(descriptor, source, count)
  #elseif canImport(Musl)
    Musl.write(descriptor, source, count)
  #else
    Darwin.write(descriptor, source, count)
  #endif
}

/// The words of a command as a shell splits it: at spaces, except within quotes or after backslashes. Nothing is
/// expanded. Returns `nil` if a quote is not closed.
package func shellWords(_ command: String) -> [String]? {
  var words: [String] = []
  var word: String?
  var quote: Character?
  var characters = command.makeIterator()
  while let character = characters.next() {
    switch (quote, character) {
    case ("'", "'"), ("\"", "\""): quote = nil
    case ("'", _): word?.append(character)
    case ("\"", "\\"):
      guard let next = characters.next() else { return nil }
      if next != "\"" && next != "\\" { word?.append(character) }
      word?.append(next)
    case (nil, "\\"):
      guard let next = characters.next() else { return nil }
      word = (word ?? "") + String(next)
    case (nil, "'"), (nil, "\""):
      quote = character
      word = word ?? ""
    case (nil, _) where character.isWhitespace:
      if let ended = word { words.append(ended) }
      word = nil
    default: word = (word ?? "") + String(character)
    }
  }
  guard quote == nil else { return nil }
  if let word { words.append(word) }
  return words
}
