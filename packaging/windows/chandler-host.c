/*
 * chandler-host.exe: what the agent needs from Windows and Node.js does not offer.
 *
 *   service PREFIX STATE SERVER   run the agent as a Windows service (service manager only)
 *   supervise DIR COMMANDLINE     run a command that outlives the agent; exit code in DIR\exit
 *   list PID                      processes of the command of the supervisor PID: "pid created"
 *   kill PID                      end all of them
 *   identify PID                  creation time of a process that runs
 *   processes                     all processes: "pid name"
 *   machine                       boot=..., uuid=..., administrator=... of this machine and this user
 *
 * scripts/release/windows-programs.ts compiles it with mingw.
 */
#define _WIN32_WINNT 0x0A00
#include <windows.h>
#include <stdio.h>
#include <tlhelp32.h>
#include <wchar.h>

enum { PATH_CHARS = 32768 };

/* The rest of the command line after `count` arguments, as it was given: cmd and others have rules of their own for quotes. */
static const wchar_t *skip_arguments(const wchar_t *text, int count) {
  while (count-- > 0) {
    int quoted = 0;
    for (; *text && (quoted || (*text != L' ' && *text != L'\t')); text++)
      if (*text == L'"') quoted = !quoted;
    while (*text == L' ' || *text == L'\t') text++;
  }
  return text;
}

/* Beyond 260 characters Windows accepts only this form of a path. */
static void join_path(wchar_t *path, const wchar_t *folder, const wchar_t *name) {
  const wchar_t *prefix = folder[0] && folder[1] == L':' ? L"\\\\?\\" : L"";
  swprintf(path, PATH_CHARS, L"%ls%ls\\%ls", prefix, folder, name);
}

static int write_all(HANDLE file, const char *text) {
  DWORD written;
  return WriteFile(file, text, (DWORD)strlen(text), &written, NULL) && written == strlen(text) && FlushFileBuffers(file);
}

static ULONGLONG created_at(HANDLE process) {
  FILETIME created, ended, kernel, user;
  if (!GetProcessTimes(process, &created, &ended, &kernel, &user)) return 0;
  return (ULONGLONG)created.dwHighDateTime << 32 | created.dwLowDateTime;
}

/* 0: the process does not run. */
static ULONGLONG identify(DWORD pid) {
  HANDLE process = OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION | SYNCHRONIZE, FALSE, pid);
  if (!process) return 0;
  ULONGLONG created = WaitForSingleObject(process, 0) == WAIT_TIMEOUT ? created_at(process) : 0;
  CloseHandle(process);
  return created;
}

/* Contains the creation time, so that a reused process id leads to no other job. */
static void job_name(wchar_t *name, DWORD pid, ULONGLONG created) {
  swprintf(name, 80, L"Local\\chandler-%lu-%llx", pid, created);
}

static int set_job_limits(HANDLE job, DWORD flags) {
  JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {0};
  limits.BasicLimitInformation.LimitFlags = flags;
  return SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limits, sizeof limits);
}

static HANDLE open_output(const wchar_t *folder, const wchar_t *name) {
  wchar_t path[PATH_CHARS];
  SECURITY_ATTRIBUTES inherited = {sizeof inherited, NULL, TRUE};
  join_path(path, folder, name);
  /* Appending only: the agent cuts the files while daemons print. Shared for all, so that it can move them, too. */
  return CreateFile(path, FILE_APPEND_DATA | SYNCHRONIZE, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                    &inherited, OPEN_ALWAYS, FILE_ATTRIBUTE_NORMAL, NULL);
}

enum { NOT_CLAIMED = 125, NOT_STARTED = 126 };

/*
 * Claims DIR by creating DIR\claim, which it keeps open: while nobody else may write to that file,
 * the supervisor runs. If it is killed, its job ends with it, and with the job all of the command.
 */
static int supervise(const wchar_t *folder, const wchar_t *command) {
  wchar_t path[PATH_CHARS], name[80];
  static wchar_t line[PATH_CHARS];
  char text[64];

  join_path(path, folder, L"claim");
  HANDLE claim = CreateFile(path, GENERIC_WRITE, FILE_SHARE_READ, NULL, CREATE_NEW, FILE_ATTRIBUTE_NORMAL, NULL);
  if (claim == INVALID_HANDLE_VALUE) return NOT_CLAIMED;
  /* Space for the exit code, should the disk be full by then. */
  join_path(path, folder, L"exit");
  HANDLE result = CreateFile(path, GENERIC_WRITE, FILE_SHARE_READ, NULL, CREATE_ALWAYS, FILE_ATTRIBUTE_NORMAL, NULL);
  HANDLE job = NULL;
  if (result != INVALID_HANDLE_VALUE && write_all(result, "          \n")) {
    job_name(name, GetCurrentProcessId(), created_at(GetCurrentProcess()));
    job = CreateJobObject(NULL, name);
    if (job && GetLastError() == ERROR_ALREADY_EXISTS) job = NULL;
  }
  STARTUPINFO startup = {sizeof startup};
  SECURITY_ATTRIBUTES inherited = {sizeof inherited, NULL, TRUE};
  startup.dwFlags = STARTF_USESTDHANDLES;
  startup.hStdInput = CreateFile(L"NUL", GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE, &inherited, OPEN_EXISTING, 0, NULL);
  startup.hStdOutput = open_output(folder, L"stdout");
  startup.hStdError = open_output(folder, L"stderr");
  /* An incomplete claim (without a newline) and this exit code: the command never ran. */
  if (!job || !set_job_limits(job, JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE) || startup.hStdOutput == INVALID_HANDLE_VALUE ||
      startup.hStdError == INVALID_HANDLE_VALUE)
    return NOT_CLAIMED;
  sprintf(text, "%lu %llu\n", GetCurrentProcessId(), GetTickCount64());
  if (!write_all(claim, text)) return NOT_CLAIMED;

  wcsncpy(line, command, PATH_CHARS - 1);
  PROCESS_INFORMATION child;
  DWORD flags = CREATE_SUSPENDED | CREATE_NO_WINDOW | CREATE_UNICODE_ENVIRONMENT;
  if (!CreateProcess(NULL, line, NULL, NULL, TRUE, flags, NULL, NULL, &startup, &child)) {
    DWORD error = GetLastError();
    DWORD written;
    int length = sprintf(text, "the program cannot be started (Windows error %lu)\n", error);
    WriteFile(startup.hStdError, text, (DWORD)length, &written, NULL);
    SetFilePointer(result, 0, NULL, FILE_BEGIN);
    write_all(result, "       126\n");
    return NOT_STARTED;
  }
  if (!AssignProcessToJobObject(job, child.hProcess)) {
    TerminateProcess(child.hProcess, NOT_STARTED);
  }
  ResumeThread(child.hThread);
  CloseHandle(startup.hStdOutput);
  CloseHandle(startup.hStdError);
  WaitForSingleObject(child.hProcess, INFINITE);
  DWORD code = 0;
  GetExitCodeProcess(child.hProcess, &code);
  /* Daemons that the command started live on. */
  set_job_limits(job, 0);
  sprintf(text, "%10lu\n", code);
  SetFilePointer(result, 0, NULL, FILE_BEGIN);
  while (!write_all(result, text)) {
    Sleep(1000);
    SetFilePointer(result, 0, NULL, FILE_BEGIN);
  }
  CloseHandle(result);
  CloseHandle(claim);
  return (int)code;
}

static HANDLE open_job(DWORD supervisor, DWORD access) {
  wchar_t name[80];
  ULONGLONG created = identify(supervisor);
  if (!created) return NULL;
  job_name(name, supervisor, created);
  return OpenJobObject(access, FALSE, name);
}

static int list_job(DWORD supervisor) {
  HANDLE job = open_job(supervisor, JOB_OBJECT_QUERY);
  if (!job) return 0;
  for (DWORD count = 256;; count *= 2) {
    DWORD size = sizeof(JOBOBJECT_BASIC_PROCESS_ID_LIST) + count * sizeof(ULONG_PTR);
    JOBOBJECT_BASIC_PROCESS_ID_LIST *found = calloc(1, size);
    if (!found) return 1;
    if (QueryInformationJobObject(job, JobObjectBasicProcessIdList, found, size, NULL)) {
      for (DWORD index = 0; index < found->NumberOfProcessIdsInList; index++) {
        DWORD pid = (DWORD)found->ProcessIdList[index];
        ULONGLONG created = identify(pid);
        if (created) printf("%lu %llx\n", pid, created);
      }
      return 0;
    }
    free(found);
    if (GetLastError() != ERROR_MORE_DATA || count > 1000000) return 1;
  }
}

static int kill_job(DWORD supervisor) {
  HANDLE job = open_job(supervisor, JOB_OBJECT_TERMINATE);
  if (!job) return 0;
  return TerminateJobObject(job, 1) ? 0 : 1;
}

static int list_processes(void) {
  PROCESSENTRY32W entry = {sizeof entry};
  HANDLE snapshot = CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0);
  if (snapshot == INVALID_HANDLE_VALUE) return 1;
  for (BOOL more = Process32FirstW(snapshot, &entry); more; more = Process32NextW(snapshot, &entry)) {
    char name[4 * MAX_PATH];
    if (WideCharToMultiByte(CP_UTF8, 0, entry.szExeFile, -1, name, sizeof name, NULL, NULL))
      printf("%lu %s\n", entry.th32ProcessID, name);
  }
  return 0;
}

/* NtQuerySystemInformation(SystemTimeOfDayInformation): changes of the clock are in `bias`, too. */
struct time_of_day {
  LARGE_INTEGER booted, now, zone;
  ULONG zone_id, reserved;
  ULONGLONG bias, sleep_bias;
};

static void print_boot(void) {
  typedef LONG(WINAPI * query_t)(int, void *, ULONG, ULONG *);
  query_t query = (query_t)(void *)GetProcAddress(GetModuleHandle(L"ntdll.dll"), "NtQuerySystemInformation");
  struct time_of_day time = {0};
  if (query && query(3, &time, sizeof time, NULL) >= 0) printf("boot=%llx\n", time.booted.QuadPart - time.bias);
}

/* The UUID of the system information (type 1) of SMBIOS. */
static void print_uuid(void) {
  static BYTE table[65536 + 8];
  DWORD size = GetSystemFirmwareTable('RSMB', 0, table, sizeof table);
  if (size < 8 || size > sizeof table) return;
  const BYTE *at = table + 8, *end = table + size;
  while (at + 4 <= end && at + at[1] <= end && at[1] >= 4) {
    if (at[0] == 1 && at[1] >= 0x19) {
      const BYTE *u = at + 8;
      int zeros = 0, ones = 0;
      for (int index = 0; index < 16; index++) zeros += u[index] == 0, ones += u[index] == 0xff;
      if (zeros == 16 || ones == 16) return;
      printf("uuid=%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x\n", u[3], u[2], u[1], u[0], u[5],
             u[4], u[7], u[6], u[8], u[9], u[10], u[11], u[12], u[13], u[14], u[15]);
      return;
    }
    at += at[1];
    while (at + 2 <= end && (at[0] || at[1])) at++;
    at += 2;
  }
}

/* Without elevation, the group is in the token of an administrator for denials only. */
static int is_administrator(void) {
  BYTE administrators[SECURITY_MAX_SID_SIZE];
  DWORD size = sizeof administrators;
  BOOL member = FALSE;
  return CreateWellKnownSid(WinBuiltinAdministratorsSid, NULL, administrators, &size) &&
         CheckTokenMembership(NULL, administrators, &member) && member;
}

/* The service. */

static wchar_t service_name[] = L"ChandlerAgent";
static SERVICE_STATUS_HANDLE status_handle;
static SERVICE_STATUS status;
static HANDLE stop_event;
static wchar_t **service_arguments;

/* Exit codes with which the agent asks not to be started again (docs/agent.md). */
enum { INSTANCE_REMOVED = 77, STATE_COPIED = 78 };
enum { STOP_PATIENCE_MS = 25000, SHORTEST_PAUSE_MS = 1000, LONGEST_PAUSE_MS = 60000, STABLE_MS = 60000 };
static const LONGLONG MAX_LOG_BYTES = 10 * 1024 * 1024;

static void report(DWORD state, DWORD win32_code, DWORD own_code, DWORD hint_ms) {
  status.dwServiceType = SERVICE_WIN32_OWN_PROCESS;
  status.dwCurrentState = state;
  status.dwControlsAccepted = state == SERVICE_RUNNING ? SERVICE_ACCEPT_STOP | SERVICE_ACCEPT_SHUTDOWN : 0;
  status.dwWin32ExitCode = own_code ? ERROR_SERVICE_SPECIFIC_ERROR : win32_code;
  status.dwServiceSpecificExitCode = own_code;
  status.dwWaitHint = hint_ms;
  SetServiceStatus(status_handle, &status);
}

static DWORD WINAPI on_control(DWORD control, DWORD type, LPVOID data, LPVOID context) {
  if (control == SERVICE_CONTROL_STOP || control == SERVICE_CONTROL_SHUTDOWN) {
    report(SERVICE_STOP_PENDING, 0, 0, STOP_PATIENCE_MS + 5000);
    SetEvent(stop_event);
    return NO_ERROR;
  }
  return control == SERVICE_CONTROL_INTERROGATE ? NO_ERROR : ERROR_CALL_NOT_IMPLEMENTED;
}

/* PREFIX\current.txt: the folder of the version in use, one line of ASCII. */
static int read_current(const wchar_t *prefix, wchar_t *version) {
  wchar_t path[PATH_CHARS];
  char text[128];
  DWORD size = 0;
  join_path(path, prefix, L"current.txt");
  HANDLE file = CreateFile(path, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_EXISTING, 0, NULL);
  if (file == INVALID_HANDLE_VALUE) return 0;
  if (!ReadFile(file, text, sizeof text - 1, &size, NULL)) size = 0;
  CloseHandle(file);
  text[size] = 0;
  text[strcspn(text, "\r\n")] = 0;
  if (!*text || strpbrk(text, "\\/:\"")) return 0;
  swprintf(version, 128, L"%hs", text);
  return 1;
}

static HANDLE open_log(const wchar_t *state) {
  wchar_t path[PATH_CHARS], earlier[PATH_CHARS];
  join_path(path, state, L"agent.log");
  join_path(earlier, state, L"agent.log.1");
  HANDLE file = open_output(state, L"agent.log");
  LARGE_INTEGER size;
  if (file != INVALID_HANDLE_VALUE && GetFileSizeEx(file, &size) && size.QuadPart > MAX_LOG_BYTES) {
    CloseHandle(file);
    MoveFileEx(path, earlier, MOVEFILE_REPLACE_EXISTING);
    file = open_output(state, L"agent.log");
  }
  return file;
}

/* Starts the agent; `hold` is the write end of its standard input: closing it stops the agent. */
static HANDLE start_agent(HANDLE *hold, DWORD *error) {
  static wchar_t line[PATH_CHARS];
  wchar_t version[128];
  wchar_t *prefix = service_arguments[2], *state = service_arguments[3], *server = service_arguments[4];
  if (!read_current(prefix, version)) {
    *error = ERROR_FILE_NOT_FOUND;
    return NULL;
  }
  swprintf(line, PATH_CHARS, L"\"%ls\\%ls\\bin\\node.exe\" \"%ls\\%ls\\bin\\chandler-agent.mjs\" --service --server \"%ls\" --state \"%ls\"",
           prefix, version, prefix, version, server, state);
  SECURITY_ATTRIBUTES inherited = {sizeof inherited, NULL, TRUE};
  STARTUPINFO startup = {sizeof startup};
  PROCESS_INFORMATION agent;
  startup.dwFlags = STARTF_USESTDHANDLES;
  if (!CreatePipe(&startup.hStdInput, hold, &inherited, 0)) {
    *error = GetLastError();
    return NULL;
  }
  SetHandleInformation(*hold, HANDLE_FLAG_INHERIT, 0);
  startup.hStdOutput = startup.hStdError = open_log(state);
  BOOL started = CreateProcess(NULL, line, NULL, NULL, TRUE, CREATE_NEW_PROCESS_GROUP | CREATE_NO_WINDOW, NULL, prefix, &startup, &agent);
  *error = started ? 0 : GetLastError();
  CloseHandle(startup.hStdInput);
  CloseHandle(startup.hStdOutput);
  if (!started) {
    CloseHandle(*hold);
    return NULL;
  }
  CloseHandle(agent.hThread);
  return agent.hProcess;
}

/* Runs the agent until the service is stopped, and starts it again after it has ended, with growing pauses. */
static void WINAPI serve(DWORD count, LPWSTR *arguments) {
  DWORD pause_ms = SHORTEST_PAUSE_MS;
  stop_event = CreateEvent(NULL, TRUE, FALSE, NULL);
  status_handle = RegisterServiceCtrlHandlerEx(service_name, on_control, NULL);
  if (!status_handle || !stop_event) return;
  report(SERVICE_START_PENDING, 0, 0, 10000);
  for (;;) {
    HANDLE hold;
    DWORD error, code = 0;
    ULONGLONG started_at = GetTickCount64();
    HANDLE agent = start_agent(&hold, &error);
    if (!agent && status.dwCurrentState == SERVICE_START_PENDING) return report(SERVICE_STOPPED, error, 0, 0);
    if (status.dwCurrentState == SERVICE_START_PENDING) report(SERVICE_RUNNING, 0, 0, 0);
    if (agent) {
      HANDLE either[2] = {stop_event, agent};
      if (WaitForMultipleObjects(2, either, FALSE, INFINITE) == WAIT_OBJECT_0) {
        CloseHandle(hold);
        if (WaitForSingleObject(agent, STOP_PATIENCE_MS) == WAIT_TIMEOUT) TerminateProcess(agent, 1);
        return report(SERVICE_STOPPED, 0, 0, 0);
      }
      GetExitCodeProcess(agent, &code);
      CloseHandle(agent);
      CloseHandle(hold);
      /* Only an operator can change the cause. */
      if (code == INSTANCE_REMOVED || code == STATE_COPIED) return report(SERVICE_STOPPED, 0, code, 0);
    }
    if (GetTickCount64() - started_at > STABLE_MS) pause_ms = SHORTEST_PAUSE_MS;
    if (WaitForSingleObject(stop_event, pause_ms) == WAIT_OBJECT_0) return report(SERVICE_STOPPED, 0, 0, 0);
    pause_ms = pause_ms * 2 > LONGEST_PAUSE_MS ? LONGEST_PAUSE_MS : pause_ms * 2;
  }
}

int wmain(int count, wchar_t **arguments) {
  const wchar_t *command = count > 1 ? arguments[1] : L"";
  DWORD pid = count == 3 ? wcstoul(arguments[2], NULL, 10) : 0;
  if (!wcscmp(command, L"service") && count == 5) {
    SERVICE_TABLE_ENTRY table[] = {{service_name, serve}, {NULL, NULL}};
    service_arguments = arguments;
    if (StartServiceCtrlDispatcher(table)) return 0;
    fprintf(stderr, "only the service manager runs this (Windows error %lu)\n", GetLastError());
    return 1;
  }
  if (!wcscmp(command, L"supervise") && count > 3) return supervise(arguments[2], skip_arguments(GetCommandLine(), 3));
  if (!wcscmp(command, L"list") && pid) return list_job(pid);
  if (!wcscmp(command, L"kill") && pid) return kill_job(pid);
  if (!wcscmp(command, L"identify") && pid) {
    ULONGLONG created = identify(pid);
    if (created) printf("%llx\n", created);
    return created ? 0 : 1;
  }
  if (!wcscmp(command, L"processes") && count == 2) return list_processes();
  if (!wcscmp(command, L"machine") && count == 2) {
    print_boot();
    print_uuid();
    printf("administrator=%d\n", is_administrator());
    return 0;
  }
  fprintf(stderr, "usage: chandler-host supervise DIR COMMANDLINE | list PID | kill PID | identify PID | processes | machine\n");
  return 2;
}
