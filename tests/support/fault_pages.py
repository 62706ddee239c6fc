"""The hostile pages of the site of faults: dialogs, floods, pages that leave, close, spin or devour memory."""

from urllib.parse import unquote

_KINDS = {
    "img": "<p id=got></p><img src='{path}' onload='got.textContent = \"drawn \" + this.naturalHeight'>",
    "script": "<script src='{path}'></script>",
    "style": "<link rel=stylesheet href='{path}'>",
    "iframe": "<iframe src='{path}'></iframe>",
    "video": "<video src='{path}' autoplay muted></video>",
    "fetch": (
        "<p id=got>waiting</p><script>fetch('{path}').then((a) => a.arrayBuffer())"
        ".then((b) => {{ got.textContent = 'got ' + b.byteLength }},"
        " (e) => {{ got.textContent = 'lost ' + e }})</script>"
    ),
}

PAGES: dict[str, str] = {
    "/fine": "<title>fine</title><p>A page in order.<img src=/dot.png>",
    "/dialogs": (
        "<title>d</title><p>text<script>alert(1);confirm(2);prompt(3);print();"
        "onbeforeunload=(e)=>{e.preventDefault();return 'x'};onclick=1</script>"
    ),
    "/alerts-for-ever": "<title>a</title><p>text<script>for(;;)alert(1)</script>",
    "/alerts-later": "<title>a</title><p>text<script>setInterval(()=>alert(1),20)</script>",
    "/print-later": "<title>p</title><p>text<script>setInterval(()=>print(),50)</script>",
    "/leaves": "<title>l</title><p>first<script>onload=()=>setTimeout(()=>{location='/fine'},150)</script>",
    "/leaves-to-nowhere": "<title>l</title><p>first<script>setTimeout(()=>{location='/reset/head'},50)</script>",
    "/leaves-to-silence": "<title>l</title><p>first<script>setTimeout(()=>{location='/hang/head'},50)</script>",
    "/leaves-again": (
        "<title>l</title><p>text<script>setTimeout(()=>{location='/leaves-again?'+Math.random()},60)</script>"
    ),
    "/leaves-held": (
        "<title>l</title><p>text<script>onbeforeunload=(e)=>{e.preventDefault();return 'x'};"
        "setTimeout(()=>{location='/fine'},60)</script>"
    ),
    "/leaves-when-pictured": (
        "<title>l</title><p style=height:5000px>text<script>onresize=()=>{onresize=null;location='/fine'}</script>"
    ),
    "/reloads": "<title>r</title><p>text<script>onload=()=>location.reload()</script>",
    "/refreshes": "<title>r</title><meta http-equiv=refresh content='0;url=/refreshes'><p>text",
    "/closes": "<title>c</title><p>text<script>close()</script>",
    "/closes-later": (
        "<title>c</title><p>text<script>setInterval(()=>fetch('/dot.png'),50);setTimeout(()=>close(),700)</script>"
    ),
    "/closes-popup": ("<title>c</title><p>text<script>const w=open('/fine');setTimeout(()=>w&&w.close(),300)</script>"),
    "/opens-many": "<title>o</title><p>text<script>for(let i=0;i<20;i++)open('/fine?'+i)</script>",
    "/opens-for-ever": "<title>o</title><p>text<script>setInterval(()=>open('/fine?'+Math.random()),30)</script>",
    "/spins": "<title>s</title><p>text<script>onload=()=>setTimeout(()=>{for(;;);},50)</script>",
    "/spins-at-once": "<title>s</title><p>text<script>for(;;);</script>",
    "/devours": (
        "<title>m</title><p>text<script>onload=()=>setTimeout(()=>{const a=[];"
        "for(;;)a.push(new Array(1e5).fill(a.length))},100)</script>"
    ),
    "/writes-for-ever": (
        "<title>w</title><p>text<script>setInterval(()=>{for(let i=0;i<500;i++)"
        "document.body.append(document.createElement('p'))},5)</script>"
    ),
    "/loops-inside": (
        "<title>l</title><p>text<img src=/loop><script src=/loop/grow?a></script><iframe src=/loop/a></iframe>"
    ),
    "/to-chrome": "<title>c</title><p>text<script>setTimeout(()=>{location='chrome://crash'},100)</script>",
}

MANY = (
    "<!doctype html><title>many</title><p id=got>0</p><script>(async()=>{let n=0;"
    "const one=async()=>{while(n<COUNT){const i=n++;await fetch('/item/'+i).then((a)=>a.arrayBuffer())"
    ".catch(()=>{});got.textContent=n}};await Promise.all(Array.from({length:60},one));"
    "document.title='done'})()</script>"
)


def page_with(query: str) -> str:
    """Give a page that loads what ``KIND&PATH`` says."""
    kind, _, path = query.partition("&")
    element = _KINDS[kind].format(path=unquote(path))
    return f"<!doctype html><title>with</title><p>A page that loads something.{element}"
