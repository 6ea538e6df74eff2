# Installs the agent of Chandler on this Windows machine and makes the machine an instance of a server. As an administrator:
#
#   & ([scriptblock]::Create((irm https://chandler.example/install.ps1))) -Token ct_...
#
# It downloads, verifies and unpacks the agent. Everything else is done by the agent: chandler-agent setup.
# For Windows PowerShell 5.1 and PowerShell 7, with the curl.exe and tar.exe of Windows (10 1803, Server 2019, or newer).

param(
    # Join token, made with: chandler token create
    [string]$Token,
    # File with the join token
    [string]$TokenFile,
    # Address of the server
    [string]$Server,
    # Name of the instance (default: the host name)
    [string]$Name,
    # Tags of the instance, KEY=VALUE
    [string[]]$Tag = @(),
    # SHA-256 of the CA of the server, from the join command
    [string]$CaSha256,
    # File with the CAs that verify the server, in PEM
    [string]$Ca,
    # Accept plain HTTP beyond loopback: others on the network can run scripts on this machine
    [switch]$InsecureHttp,
    # Trust file: run only what its keys have signed
    [string]$Trust,
    [string]$State = "$env:ProgramData\Chandler",
    [string]$Prefix = "$env:ProgramFiles\Chandler Agent",
    # Set up no service
    [switch]$NoService,
    # Remove program and service; keep the state directory
    [switch]$Uninstall,
    # With -Uninstall: remove the state directory, too
    [switch]$Purge
)

# The server puts its own address here.
$DefaultServer = ''

function Stop-WithMessage([string]$Message) {
    throw "chandler: $Message"
}

function Test-Administrator {
    $identity = [Security.Principal.WindowsPrincipal][Security.Principal.WindowsIdentity]::GetCurrent()
    return $identity.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)
}

# Windows PowerShell 5.1 does not protect quotation marks in arguments of programs, nor a backslash before the closing one.
function Assert-Argument([string]$Option, [string]$Value) {
    if ($Value -match '["\r\n]' -or $Value -match '\\$') { Stop-WithMessage "$Option $Value must not contain a quotation mark or a line break, nor end with a backslash" }
}

function Get-ServerAddress {
    $address = if ($Server) { $Server.TrimEnd('/') } else { $DefaultServer }
    if (-not $address) { Stop-WithMessage 'the address of the server is not known; give it with -Server URL' }
    if ($address -notmatch '^https?://[A-Za-z0-9._~:/\[\]-]+$') { Stop-WithMessage "-Server $address is not an address such as https://chandler.example" }
    if ($address -match '^http:' -and -not $InsecureHttp -and $address -notmatch '^http://(localhost|127(\.[0-9]{1,3}){3}|\[::1\])(:|/|$)') {
        Stop-WithMessage "$address is plain HTTP: others on the network could run any program on this machine. Use https://, or accept the risk with -InsecureHttp"
    }
    if ($address -match '^http:' -and ($CaSha256 -or $Ca)) { Stop-WithMessage '-CaSha256 and -Ca need a -Server that begins with https://' }
    return $address
}

function Get-JoinToken {
    if ($Token -and $TokenFile) { Stop-WithMessage 'give either -Token or -TokenFile' }
    $value = if ($TokenFile) { (Get-Content -Raw -LiteralPath $TokenFile -ErrorAction Stop).Trim() } else { $Token }
    if (-not $value) { Stop-WithMessage 'a join token is needed: -Token ct_..., made with: chandler token create' }
    if ($value -notmatch '^ct_[A-Za-z0-9_-]+$') { Stop-WithMessage 'this is not a join token: it is ct_ and letters, digits, _ and -' }
    return $value
}

# Only this download is unverified, and only what was compared is trusted: one certificate in DER, as a whole.
function Get-CaFile([string]$Address, [string]$Work) {
    if (-not $CaSha256) { return $Ca }
    if ($Ca) { Stop-WithMessage 'use either -CaSha256 or -Ca' }
    $expected = $CaSha256.Replace(':', '').ToLowerInvariant()
    if ($expected -notmatch '^[0-9a-f]{64}$') { Stop-WithMessage '-CaSha256 must be a SHA-256: 64 hexadecimal digits' }
    $der = "$Work\ca.der"
    & curl.exe -fsSk --connect-timeout 30 --max-time 60 --max-filesize 16384 -o $der "$Address/ca.der" | Out-Null
    if ($LASTEXITCODE -ne 0) { Stop-WithMessage "cannot fetch the CA of ${Address}: is it running, and does it have a CA of its own? (Without one, leave out -CaSha256)" }
    $actual = (Get-FileHash -Algorithm SHA256 -LiteralPath $der).Hash.ToLowerInvariant()
    if ($actual -ne $expected) {
        Stop-WithMessage "the CA of $Address has the SHA-256 $actual, not $expected as in -CaSha256. The command is of another server, or older than a rotation of the CA, or something intercepts the connection. Nothing was installed; create a new join command"
    }
    $text = [Convert]::ToBase64String([IO.File]::ReadAllBytes($der), [Base64FormattingOptions]::InsertLineBreaks)
    [IO.File]::WriteAllText("$Work\ca.pem", "-----BEGIN CERTIFICATE-----`n$text`n-----END CERTIFICATE-----`n")
    return "$Work\ca.pem"
}

function Get-HeaderValue([string]$Path, [string]$HeaderName) {
    $line = Get-Content -LiteralPath $Path | Where-Object { $_ -match "^${HeaderName}:" } | Select-Object -Last 1
    if (-not $line) { return '' }
    return $line.Substring($HeaderName.Length + 1).Trim()
}

# Unpacks the agent into a folder named after its version and digest; returns that folder.
function Install-Program([string]$Address, [string]$JoinToken, [string]$Work) {
    # A 32-bit PowerShell has other folders: its Program Files is that of 32-bit programs.
    if ($env:PROCESSOR_ARCHITEW6432) { Stop-WithMessage 'this is a 32-bit PowerShell; run the command in the 64-bit one' }
    $arch = switch ($env:PROCESSOR_ARCHITECTURE) {
        'AMD64' { 'x86_64' }
        'ARM64' { 'arm64' }
        default { Stop-WithMessage "there is no agent for $env:PROCESSOR_ARCHITECTURE" }
    }
    Write-Host "downloading the agent for windows $arch from $Address"
    $cacert = Get-CaFile $Address $Work
    $bundle = "$Work\bundle.tar.gz"
    $headers = "$Work\headers.txt"
    # The token is in a file that only administrators can read, and never among the arguments of a program.
    $secret = "$Work\secret.txt"
    [IO.File]::WriteAllText($secret, "header = `"Authorization: Bearer $JoinToken`"`n")
    $arguments = @('-sS', '--config', $secret, '--connect-timeout', '30', '--speed-limit', '1', '--speed-time', '120', '-D', $headers, '-o', $bundle, '-w', '%{http_code}')
    # A CA of its own publishes no list of revoked certificates.
    if ($cacert) { $arguments += @('--cacert', $cacert, '--ssl-no-revoke') }
    $status = & curl.exe @arguments "$Address/agent/bundle.tar.gz?os=windows&arch=$arch"
    if ($LASTEXITCODE -ne 0) { Stop-WithMessage "the download from $Address broke off (see above)" }
    Remove-Item -LiteralPath $secret -Force
    if ($status -ne '200') {
        $problem = ''
        try { $answer = Get-Content -Raw -LiteralPath $bundle | ConvertFrom-Json; $problem = "$($answer.detail) $($answer.next)" } catch { $problem = 'The answer is not one of Chandler.' }
        Stop-WithMessage "$Address gives this machine no agent ($status). $problem"
    }
    $expected = Get-HeaderValue $headers 'x-content-sha256'
    $program = Get-HeaderValue $headers 'x-agent-program'
    if ($expected -notmatch '^[0-9a-f]{64}$' -or $program -notmatch '^[0-9A-Za-z][0-9A-Za-z.+-]*-[0-9a-f]{12}$') {
        Stop-WithMessage "$Address answered without saying what it sends: is it a Chandler server, and does a proxy remove its headers?"
    }
    $actual = (Get-FileHash -Algorithm SHA256 -LiteralPath $bundle).Hash.ToLowerInvariant()
    if ($actual -ne $expected) { Stop-WithMessage "the download is damaged: its sha256 is $actual and not $expected. Nothing was installed; try again" }
    $folder = "$Prefix\$program"
    if (Test-Path -LiteralPath $folder) {
        Write-Host "$folder is there already"
        return $folder
    }
    New-Item -ItemType Directory -Path "$Work\new" | Out-Null
    & tar.exe -xzf $bundle -C "$Work\new" | Out-Null
    if ($LASTEXITCODE -ne 0) { Stop-WithMessage "cannot unpack the agent in ${Work}: is the disk full?" }
    & "$Work\new\bin\node.exe" "$Work\new\bin\chandler-agent.mjs" --version | Out-Null
    if ($LASTEXITCODE -ne 0) { Stop-WithMessage 'the agent does not run on this system. It needs Windows 10, Windows Server 2016, or newer' }
    # A virus scanner may have files of it open for a moment.
    for ($attempt = 1; ; $attempt++) {
        try { Move-Item -LiteralPath "$Work\new" -Destination $folder -ErrorAction Stop; break } catch {
            if ($attempt -ge 20) { Stop-WithMessage "cannot put the agent in its place, ${folder}: $_" }
            Start-Sleep -Milliseconds 500
        }
    }
    return $folder
}

function Invoke-Setup([string]$Folder, [string[]]$Arguments, [string]$InputText) {
    $all = @("$Folder\bin\chandler-agent.mjs", 'setup') + $Arguments + @('--prefix', $Prefix, '--state', $State)
    if ($InputText) { $InputText | & "$Folder\bin\node.exe" @all | Out-Host } else { & "$Folder\bin\node.exe" @all | Out-Host }
    return $LASTEXITCODE
}

function Uninstall-Agent {
    $version = if (Test-Path -LiteralPath "$Prefix\current.txt") { (Get-Content -Raw -LiteralPath "$Prefix\current.txt").Trim() } else { '' }
    if (-not $version) {
        Write-Host "no agent is installed in $Prefix"
        return 0
    }
    # The program cannot remove itself while it runs, so a copy of it does.
    $copy = Join-Path ([IO.Path]::GetTempPath()) "chandler-remove-$PID"
    Copy-Item -Recurse -LiteralPath "$Prefix\$version" -Destination $copy
    try {
        $options = if ($Purge) { @('remove', '--purge') } else { @('remove') }
        return Invoke-Setup $copy $options ''
    } finally {
        Remove-Item -Recurse -Force -LiteralPath $copy -ErrorAction SilentlyContinue
    }
}

function Install-Agent {
    $address = Get-ServerAddress
    $joinToken = Get-JoinToken
    foreach ($tool in 'curl.exe', 'tar.exe') {
        if (-not (Get-Command $tool -ErrorAction SilentlyContinue)) { Stop-WithMessage "$tool is missing; it is part of Windows 10 1803, Windows Server 2019, and newer" }
    }
    New-Item -ItemType Directory -Force -Path $Prefix | Out-Null
    $work = "$Prefix\.install.$PID"
    New-Item -ItemType Directory -Path $work | Out-Null
    try {
        # Only SYSTEM and Administrators, by their ids.
        & icacls.exe $work /inheritance:r /grant:r '*S-1-5-18:(OI)(CI)F' '*S-1-5-32-544:(OI)(CI)F' | Out-Null
        if ($LASTEXITCODE -ne 0) { Stop-WithMessage "$work cannot be protected from other users (icacls ended with $LASTEXITCODE). Nothing was installed" }
        $folder = Install-Program $address $joinToken $work
        # The folder has the access list of the prefix again, which every user may read.
        & icacls.exe $folder /reset /T /C /Q | Out-Null
        if ($LASTEXITCODE -ne 0) { Stop-WithMessage "the access list of $folder cannot be set (icacls ended with $LASTEXITCODE). The agent was unpacked, and not installed" }
        $options = @('install', '--server', $address, '--token-file', '-')
        if ($CaSha256) { $options += @('--ca-sha256', $CaSha256) }
        if ($Ca) { $options += @('--ca', $Ca) }
        if ($InsecureHttp) { $options += '--insecure-http' }
        if ($Trust) { $options += @('--trust', $Trust) }
        if ($Name) { $options += @('--name', $Name) }
        foreach ($one in $Tag) { $options += @('--tag', $one) }
        if ($NoService) { $options += '--no-service' }
        return Invoke-Setup $folder $options $joinToken
    } finally {
        Remove-Item -Recurse -Force -LiteralPath $work -ErrorAction SilentlyContinue
    }
}

$ErrorActionPreference = 'Stop'
if (-not (Test-Administrator)) { Stop-WithMessage 'run this as an administrator ("Run as administrator")' }
if ($Purge -and -not $Uninstall) { Stop-WithMessage '-Purge requires -Uninstall' }
$Prefix = $Prefix.TrimEnd('\')
$State = $State.TrimEnd('\')
Assert-Argument '-Prefix' $Prefix
Assert-Argument '-State' $State
Assert-Argument '-Name' $Name
Assert-Argument '-Ca' $Ca
Assert-Argument '-Trust' $Trust
foreach ($one in $Tag) { Assert-Argument '-Tag' $one }
$code = if ($Uninstall) { Uninstall-Agent } else { Install-Agent }
if ($code -ne 0) { Stop-WithMessage "setup ended with exit code $code (see above)" }
