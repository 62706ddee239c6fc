"""Consent banners after each maker's documented markup: ids, classes and nesting as their scripts write them.

Each page notes in ``pressed`` which of its buttons was pressed, so that a test sees what was chosen.
"""

from typing import Final

_STYLE: Final = """<style>body{margin:0;font:16px sans-serif} #story{height:3000px}
.banner{position:fixed;left:0;right:0;bottom:0;padding:20px;background:#eee;z-index:9999} button,a,span.b{padding:8px}
</style><script>pressed = [];
addEventListener('click', (e) => {
  const one = e.composedPath().find((at) => at.dataset && at.dataset.is);
  pressed.push(one ? one.dataset.is : 'page');
}, true);</script><div id=story>the story</div>"""

_REFUSE, _ACCEPT, _MORE = "data-is=refuse", "data-is=accept", "data-is=more"

BANNERS: Final = {
    "OneTrust": f"""<div id="onetrust-consent-sdk">
<div id="onetrust-banner-sdk" class="otFlat bottom banner" role="dialog">
<div id="onetrust-button-group-parent"><div id="onetrust-button-group">
<button id="onetrust-pc-btn-handler" {_MORE}>Cookie Settings</button>
<button id="onetrust-reject-all-handler" {_REFUSE}>Reject All</button>
<button id="onetrust-accept-btn-handler" {_ACCEPT}>Accept All Cookies</button></div></div></div></div>""",
    "OneTrust without a refuse button": f"""<div id="onetrust-consent-sdk"><div id="onetrust-banner-sdk" class="banner">
<button id="onetrust-accept-btn-handler" {_ACCEPT}>Accept All Cookies</button>
<div id="onetrust-close-btn-container"><button class="onetrust-close-btn-handler banner-close-button" {_REFUSE}
aria-label="Close">x</button></div></div></div>""",
    "Cookiebot": f"""<div id="CybotCookiebotDialog" class="banner" role="dialog"><div id="CybotCookiebotDialogFooter">
<button id="CybotCookiebotDialogBodyLevelButtonLevelOptinAllowAll" {_ACCEPT}>Allow all</button>
<button id="CybotCookiebotDialogBodyButtonDecline" {_REFUSE}>Deny</button></div></div>""",
    "Didomi": f"""<div id="didomi-host"><div id="didomi-popup" class="banner"><div class="didomi-popup-view">
<button id="didomi-notice-learn-more-button" {_MORE}>Learn more</button>
<button id="didomi-notice-agree-button" {_ACCEPT}>Agree</button>
<span class="didomi-continue-without-agreeing b" role="button" tabindex="0" {_REFUSE}>Continue without agreeing →</span>
</div></div></div>""",
    "Usercentrics": f"""<div id="usercentrics-root"></div><script>
document.querySelector('#usercentrics-root').attachShadow({{mode: 'open'}}).innerHTML = `
<div style="position:fixed;bottom:0;padding:20px" role="dialog" data-testid="uc-default-wall"><button
data-testid="uc-accept-all-button" {_ACCEPT}>Accept All</button><button data-testid="uc-deny-all-button"
{_REFUSE}>Deny</button></div>`;</script>""",
    "TrustArc": f"""<div id="truste-consent-track" class="banner"><div id="truste-consent-content">
<div id="truste-consent-buttons">
<button id="truste-consent-button" {_ACCEPT}>Accept All</button>
<button id="truste-consent-required" {_REFUSE}>Required Only</button></div></div></div>""",
    "Sourcepoint": f"""<div id="sp_message_container_1234" class="banner"><div class="message type-modal">
<button class="message-component sp_choice_type_11" {_ACCEPT}>Accept</button>
<button class="message-component sp_choice_type_13" {_REFUSE}>Reject</button></div></div>""",
    "CookieYes": f"""<div class="cky-consent-container cky-banner-bottom banner"><div class="cky-consent-bar">
<div class="cky-notice-btn-wrapper"><button class="cky-btn cky-btn-customize" {_MORE}>Customise</button>
<button class="cky-btn cky-btn-reject" {_REFUSE}>Reject All</button>
<button class="cky-btn cky-btn-accept" {_ACCEPT}>Accept All</button></div></div></div>""",
    "Complianz": f"""<div id="cmplz-cookiebanner-container"><div class="cmplz-cookiebanner cmplz-show banner">
<div class="cmplz-buttons"><button class="cmplz-btn cmplz-accept" {_ACCEPT}>Accept</button>
<button class="cmplz-btn cmplz-deny" {_REFUSE}>Deny</button></div></div></div>""",
    "Osano": f"""<div class="osano-cm-window">
<div class="osano-cm-dialog osano-cm-dialog--type_bar banner" role="dialog">
<div class="osano-cm-dialog__buttons osano-cm-buttons">
<button class="osano-cm-accept-all osano-cm-button" {_ACCEPT}>Accept</button>
<button class="osano-cm-denyAll osano-cm-button" {_REFUSE}>Reject All</button></div></div></div>""",
    "Iubenda": f"""<div id="iubenda-cs-banner" class="banner"><div class="iubenda-cs-opt-group-consent">
<button class="iubenda-cs-reject-btn iubenda-cs-btn-primary" {_REFUSE}>Reject</button>
<button class="iubenda-cs-accept-btn" {_ACCEPT}>Accept</button></div></div>""",
    "Klaro": f"""<div id="klaro"><div class="klaro"><div class="cookie-notice banner"><div class="cn-body">
<div class="cn-ok">
<a href="#" class="cm-link cn-learn-more" {_MORE}>Let me choose</a><div class="cn-buttons">
<button class="cm-btn cm-btn-danger cn-decline" {_REFUSE}>I decline</button>
<button class="cm-btn cm-btn-success" {_ACCEPT}>That's ok</button></div></div></div></div></div></div>""",
    "CookieConsent": f"""<div class="cc-window cc-banner cc-type-opt-out banner" role="dialog">
<div class="cc-compliance">
<a class="cc-btn cc-deny" role="button" tabindex="0" {_REFUSE}>Decline</a>
<a class="cc-btn cc-allow" role="button" tabindex="0" {_ACCEPT}>Allow cookies</a></div></div>""",
    "CookieConsent 3": f"""<div id="cc-main"><div class="cm-wrapper"><div class="cm cm--bar banner" role="dialog">
<div class="cm__btn-group"><button class="cm__btn" data-role="all" {_ACCEPT}>Accept all</button>
<button class="cm__btn" data-role="necessary" {_REFUSE}>Reject all</button></div></div></div></div>""",
    "Funding Choices": f"""<div class="fc-consent-root"><div class="fc-dialog-container banner">
<div class="fc-footer-buttons">
<button class="fc-button fc-cta-consent fc-primary-button" {_ACCEPT}><p class="fc-button-label">Consent</p></button>
<button class="fc-button fc-cta-do-not-consent" {_REFUSE}><p class="fc-button-label">Do not consent</p></button>
</div></div></div>""",
    "Borlabs": f"""<div data-nosnippet><div id="BorlabsCookieBox" class="BorlabsCookie banner" role="dialog">
<p><a class="_brlbs-btn _brlbs-btn-accept-all" href="#" data-cookie-accept-all {_ACCEPT}>Accept all</a></p>
<p class="_brlbs-refuse"><a class="_brlbs-refuse-btn" href="#" data-cookie-refuse {_REFUSE}>Only essential</a></p>
</div></div>""",
    "Quantcast": f"""<div id="qc-cmp2-container"><div id="qc-cmp2-main">
<div id="qc-cmp2-ui" class="banner" role="dialog">
<div class="qc-cmp2-footer"><div class="qc-cmp2-summary-buttons">
<button mode="secondary" size="large" {_REFUSE}><span>DISAGREE</span></button>
<button mode="primary" size="large" {_ACCEPT}><span>AGREE</span></button></div></div></div></div></div>""",
}


def page(markup: str) -> str:
    """Give a whole page with this in it."""
    return f"<!doctype html><meta charset=utf-8><title>t</title><body>{_STYLE}{markup}"
